#!/usr/bin/env bats
# ev-report's page in headless Chromium, at phone and desktop widths, light and
# dark, with and without scripts: report-page.mjs compares every number on it
# with the metric rows.

load helper
load pipeline-helper

prepare() {
	need node
	[ -x "${EV_CHROMIUM:-/usr/bin/chromium}" ] || skip "no chromium"
	[ -d "${EV_NPM:-none}/node_modules/playwright-core" ] ||
	    skip "EV_NPM has no playwright-core"
	export HOME=$PWD
}

# page ROWS [ARG...]: into page.html, and opens it.
page() {
	local rows=$1
	shift

	runs 0 ev-report -o page.html "$@" "$rows"
	runs 0 node "$T/report-page.mjs" "$EV_NPM" page.html "$rows"
	[ "$(grep -c 'numbers$' out)" -eq 6 ]
}

@test "the growth example's page is right, whoever opens it" {
	need_filters
	need_mmdb
	site=$(growth_site)
	cat "$site"/metrics/*.tsv >rows.tsv
	page rows.tsv -c "$G/growth.yaml"
	[ "$(sed -n 's/.*: \([0-9]*\) numbers/\1/p' out | sort -n | head -n 1)" -gt 1000 ]
}

@test "two years with a gap, guardrails down and hostile strings are right" {
	perl "$T/report-history.pl" 731 hostile | grep -v '^2026-12-2[3-5]' >rows.tsv
	awk -F '\t' -v OFS='\t' '$2 ~ /rate$/ { print $1, $2,
	    $1 ~ /-[13]1$/ ? "down" : "ok", $4, .02, .018, .022, .01, .1, .2,
	    "</script><b>\"" }' rows.tsv >verdicts.tsv
	cat >c.yaml <<-'END'
	site: {hosts: [xx.com]}
	report: {rows: 60, title: '<script>alert(1)</script>'}
	END
	page rows.tsv -c c.yaml --verdicts verdicts.tsv
	[ "$(wc -c <page.html)" -lt 500000 ]
}

@test "metrics that no config knows are right" {
	perl "$T/report-history.pl" 45 | sed 's/website_hits/pings/
	    s/visitors/heads/; s/signup_conversion_rate/share_of_x/' >rows.tsv
	page rows.tsv
}

@test "one day alone is right" {
	perl "$T/report-history.pl" 1 >rows.tsv
	page rows.tsv
}

@test "a number that is not the rows' is found" {
	perl "$T/report-history.pl" 40 >rows.tsv
	runs 0 ev-report -o page.html rows.tsv
	perl -pe 's/<td>(\d)/"<td>" . ($1 % 9 + 1)/e if /scope=row>2025-02-05/' \
	    page.html >other.html
	not cmp -s page.html other.html
	runs 1 node "$T/report-page.mjs" "$EV_NPM" other.html rows.tsv
	grep -q '^WRONG .*visitors, 2025-02-05' out
	# And a curve that is, and a request, and a page that is too wide.
	perl -pe 's/M0\.5 [0-9.]+/M0.5 1.0/' page.html >other.html
	runs 1 node "$T/report-page.mjs" "$EV_NPM" other.html rows.tsv
	grep -q '^WRONG .*curve of ' out
	sed 's,</h1>,</h1><img src="http://127.0.0.1:9/"><pre>'"$(printf 'x%.0s' $(seq 400))"'</pre>,' \
	    page.html >other.html
	runs 1 node "$T/report-page.mjs" "$EV_NPM" other.html rows.tsv
	grep -q '^WRONG .*pixels too wide' out
	grep -q '^WRONG .*none of the page' out
	grep -q '^WRONG .*console: ' out
}

@test "a page that is printed says which guardrail is down, and why" {
	perl "$T/report-history.pl" 30 >rows.tsv
	printf '2025-01-30\tsignup_conversion_rate\tdown\t0.01\t0.02\t0.015\t0.025\t0.001\t0.5\t0.2\tdim_country: rate among DE fell\n' >v
	printf '2025-01-30\tsignup_conversion_rate\tdim_country\tDE\trate\t0.01\t1\t0.02\t0.01\trate among DE fell\n' >why
	runs 0 ev-report -o page.html --verdicts v --why why rows.tsv
	cat >print.mjs <<-'END'
	import { createRequire } from 'module';
	const require = createRequire(process.argv[2] + '/node_modules/');
	const { chromium } = require('playwright-core');
	const browser = await chromium.launch({
	    executablePath: process.env.EV_CHROMIUM || '/usr/bin/chromium',
	    args: ['--no-sandbox'] });
	const page = await browser.newPage({ viewport: { width: 700, height: 900 } });
	await page.goto('file://' + process.cwd() + '/page.html');
	await page.emulateMedia({ media: 'print' });
	const seen = await page.evaluate(() => ['#guardrails table',
	    '#guardrails details td', '#days'].map(s =>
		[...document.querySelectorAll(s)].map(e => e.checkVisibility() &&
		    e.getBoundingClientRect().height > 0).join()));
	console.log(seen.join(' '));
	await browser.close();
	END
	runs 0 node print.mjs "$EV_NPM"
	# Both tables, the cells of the second, and no list of days that is folded.
	grep -qxE 'true,true true(,true)+ false' out
}
