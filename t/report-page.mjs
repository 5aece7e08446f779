// report-page.mjs NPM PAGE ROWS: opens ev-report's PAGE in headless Chromium, at
// phone and desktop widths, light and dark, with and without scripts, and says
// what is wrong with it: console errors, requests, horizontal scroll, and each
// number in its tables, answers and curves that is not the metric rows'.
// Prints "ok: N numbers" for each way; exits 1 when anything was wrong.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const [npm, page, rows, shots] = process.argv.slice(2);
const { chromium } = createRequire(resolve(npm) + '/')('playwright-core');

const wrong = [];
let where = '', numbers = 0;
const complain = text => wrong.push(`${where}: ${text}`);

// metric -> dims -> ds -> [value, numerator, denominator]
const metrics = new Map(), days = new Set();
for (const line of readFileSync(rows, 'utf8').trimEnd().split('\n')) {
	const [ds, metric, dims, ...v] = line.split('\t');
	days.add(ds);
	if (!metrics.has(metric))
		metrics.set(metric, new Map());
	const m = metrics.get(metric);
	if (!m.has(dims))
		m.set(dims, new Map());
	m.get(dims).set(ds, v);
}
const last = [...days].sort().at(-1);
const isRatio = metric => [...metrics.get(metric).values()]
    .some(s => [...s.values()].some(v => v[1] !== '\\N'));
const later = (ds, n) =>
    new Date(Date.parse(ds) + 864e5 * n).toISOString().slice(0, 10);
const hasRows = (metric, ds) =>
    [...metrics.get(metric).values()].some(s => s.has(ds));

// The value that the rows give, or NaN.
function value(metric, dims, ds) {
	const v = metrics.get(metric)?.get(dims)?.get(ds);

	if (v)
		return v[0] === '\\N' ? NaN : +v[0];
	return dims !== '' && !isRatio(metric) && hasRows(metric, ds) ? 0 : NaN;
}

// The mean of some days: of counts, or numerators over denominators.
function mean(metric, dims, list) {
	let n = 0, sum = 0, num = 0, den = 0;

	for (const ds of list) {
		const v = metrics.get(metric).get(dims)?.get(ds);
		if (v && v[1] !== '\\N') {
			num += +v[1];
			den += +v[2];
		} else if (!Number.isNaN(value(metric, dims, ds))) {
			n++;
			sum += value(metric, dims, ds);
		}
	}
	return isRatio(metric) ? num / den : sum / n;
}
const usual = (metric, dims, ds) =>
    mean(metric, dims, [7, 14, 21, 28].map(n => later(ds, -n)));
const week = (metric, dims, ds) =>
    mean(metric, dims, [0, 1, 2, 3, 4, 5, 6].map(n => later(ds, -n)));

// Is the text what rounding makes of v?
function agrees(text, v, exact) {
	const t = text.trim().replace(/,/g, '').replace('\u2212', '-');

	numbers++;
	if (t === '\u2013' || t === '')
		return Number.isNaN(v);
	if (!/^-?\d+(\.\d+)?%?$/.test(t))
		return false;
	const percent = t.endsWith('%'), n = parseFloat(t);
	const want = percent ? 100 * v : v;
	const decimals = (t.split('.')[1] ?? '').replace('%', '').length;
	if (exact && !percent && Number.isInteger(v))
		return n === v;
	return Math.abs(n - want) <= .5 * 10 ** -decimals * (1 + 1e-9) + 1e-9;
}
function expect(text, v, what, exact = false) {
	if (!agrees(text, v, exact))
		complain(`${what}: '${text}', the rows say ${v}`);
}

// All tables, as text.
const readTables = () => [...document.querySelectorAll('table')].map(t => ({
	id: t.closest('section').id,
	heads: [...t.tHead.rows[0].cells].map(c => ({
		metric: c.dataset.metric, text: c.textContent })),
	rows: [...t.tBodies[0].rows].map(r => ({
		key: r.dataset.key,
		cells: [...r.cells].map(c => c.textContent) })),
}));

const readCharts = () => [...document.querySelectorAll('svg[data-metric]')]
    .map(s => ({ metric: s.dataset.metric, from: s.dataset.from,
	n: +s.dataset.n,
	box: s.querySelector('svg').getAttribute('viewBox'),
	scale: [...s.querySelectorAll('text[text-anchor=end][x="-6"]')]
	    .map(x => x.textContent),
	curve: s.querySelector('path.dy')?.getAttribute('d') ?? '' }));

function checkTotals(table) {
	const head = table.heads.map(h => h.text);

	for (const r of table.rows) {
		expect(r.cells[1], value(r.key, '', last), r.key, true);
		expect(r.cells[head.indexOf('usual')], usual(r.key, '', last),
		    `${r.key}, usual`);
		expect(r.cells[head.indexOf("7-day mean")],
		    week(r.key, '', last), `${r.key}, mean`);
	}
	const shown = new Set(table.rows.map(r => r.key));
	for (const [name, m] of metrics)
		if (m.get('')?.has(last) && !shown.has(name))
			complain(`no total of ${name}`);
}

function checkDays(table) {
	const shown = table.rows.map(r => r.cells[0].slice(0, 10));

	if (shown.join() !== [...days].sort().reverse().join())
		complain('the days are not those of the rows');
	for (const r of table.rows)
		table.heads.forEach((h, i) => h.metric && expect(r.cells[i],
		    value(h.metric, '', r.cells[0].slice(0, 10)),
		    `${h.metric}, ${r.cells[0]}`, true));
}

function checkBreakdown(table) {
	const lead = table.heads[1].metric, head = table.heads.map(h => h.text);
	const series = [...metrics.get(lead)].filter(([, s]) => s.has(last));
	const of = ([, s]) => +s.get(last)[0];
	// Hours stand in their own order, all else by its value.
	const ranked = (series.every(([dims]) => dims.startsWith('hour='))
	    ? series.sort(([a], [b]) => a < b ? -1 : 1).map(of)
	    : series.map(of).sort((a, b) => b - a));
	const keyed = table.rows.filter(r => r.key !== undefined);

	table.rows.forEach((r, i) => {
		const more = /^(\d+) more$/.exec(r.cells[0]);
		if (more) {
			if (+more[1] !== series.length - i)
				complain(`${lead}: ${r.cells[0]}`);
			numbers++;
			return;
		}
		expect(r.cells[1], ranked[i], `${lead}, row ${i}`, true);
	});
	for (const r of keyed) {
		table.heads.forEach((h, i) => h.metric && expect(r.cells[i],
		    value(h.metric, r.key, last), `${h.metric}, ${r.key}`, true));
		if (head.includes('usual'))
			expect(r.cells[head.indexOf('usual')],
			    usual(lead, r.key, last), `${lead}, ${r.key}, usual`);
	}
}

// Each point of a curve at the height that the scale gives its value.
function checkCurve(c) {
	const high = c.scale.map(s => s.replace(/,/g, '')).map(s =>
	    s.endsWith('%') ? parseFloat(s) / 100 :
	    parseFloat(s) * ({ k: 1e3, M: 1e6, G: 1e9 }[s.at(-1)] ?? 1));
	const [top, low] = [Math.max(...high), Math.min(...high)];
	const plot = +c.box.split(' ')[3], seen = new Set();

	for (const [, x, y] of c.curve.matchAll(/[ML](\d+)\.5 (-?[\d.]+)/g)) {
		const ds = later(c.from, +x), v = value(c.metric, '', ds);
		const want = plot * (top - v) / (top - low);
		numbers++;
		seen.add(ds);
		if (!(Math.abs(want - +y) <= .051))
			complain(`curve of ${c.metric}, ${ds}: ${y}, not ${want}`);
	}
	for (let i = 0; i < c.n; i++) {
		const ds = later(c.from, i);
		if (Number.isNaN(value(c.metric, '', ds)) === seen.has(ds))
			complain(`curve of ${c.metric}: ${ds} is there or not`);
	}
	if (later(c.from, c.n - 1) !== last)
		complain(`curve of ${c.metric} does not end on ${last}`);
}

// A bold number of an answer is some value of the day.
function checkAnswers(texts) {
	const all = [];

	for (const [, m] of metrics)
		for (const [, s] of m)
			if (s.has(last) && s.get(last)[0] !== '\\N')
				all.push(+s.get(last)[0]);
	for (const t of texts)
		if (/^[\d]/.test(t) && !all.some(v => agrees(t, v, true)))
			complain(`answer '${t}' is no value of the day`);
	if (!texts.length)
		complain('no answers');
}

async function check(p) {
	const tables = await p.evaluate(readTables);
	const charts = await p.evaluate(readCharts);

	for (const t of tables) {
		if (t.id === 'totals')
			checkTotals(t);
		else if (t.id === 'days')
			checkDays(t);
		else if (t.id === 'guardrails')
			t.rows.forEach(r => expect(r.cells[2],
			    value(r.key, '', last), r.key, true));
		else if (/^field|^bots|^others/.test(t.id) && t.heads[1].metric)
			checkBreakdown(t);
	}
	charts.filter(c => metrics.has(c.metric)).forEach(checkCurve);
	if (!charts.length)
		complain('no charts');
	checkAnswers(await p.$$eval('#answers dd b', v =>
	    v.map(b => b.textContent)));
}

// What scripts add: a day's value at the pointer, and tables by column.
async function checkScripts(p) {
	const chart = p.locator('svg[data-metric]').first();

	await p.$$eval('details', v => v.forEach(d => { d.open = true; }));
	await chart.scrollIntoViewIfNeeded();
	const box = await chart.boundingBox();
	await p.mouse.move(box.x + box.width - 2, box.y + box.height / 2);
	const tip = await p.locator('#tip').textContent();
	const metric = await chart.getAttribute('data-metric');
	if (!tip.startsWith(last))
		complain(`the value at the pointer: ${tip}`);
	expect(tip.split(': ')[1], value(metric, '', last), 'pointer', true);
	const head = p.locator('#totals th button').nth(1);
	const column = () => p.$$eval('#totals tbody tr',
	    v => v.map(r => r.cells[1].textContent));
	const before = (await column()).slice().sort().join();
	await head.click();
	await head.click();
	const n = (await column()).map(t => parseFloat(t.replace(/,/g, '')));
	if ((await column()).slice().sort().join() !== before ||
	    n.some((v, i) => i && v < n[i - 1]))
		complain('a table is not sorted by its column');
}

// Contrast of WCAG 2, between what text has and what it stands on.
const readContrast = () => {
	const light = c => {
		const v = c.match(/[\d.]+/g).slice(0, 3).map(x => x / 255)
		    .map(x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4);
		return .2126 * v[0] + .7152 * v[1] + .0722 * v[2];
	};
	const ground = e => {
		for (; e; e = e.parentElement) {
			const c = getComputedStyle(e).backgroundColor;
			if (!/, 0\)$/.test(c))
				return c;
		}
		return 'rgb(255, 255, 255)';
	};
	let least = 99;
	for (const e of document.querySelectorAll('body *')) {
		if (![...e.childNodes].some(n => n.nodeType === 3 &&
		    n.data.trim()) || /^(SCRIPT|STYLE)$/.test(e.tagName))
			continue;
		const s = getComputedStyle(e);
		const a = light(e.tagName === 'text' ? s.fill : s.color);
		const b = light(ground(e));
		least = Math.min(least,
		    (Math.max(a, b) + .05) / (Math.min(a, b) + .05));
	}
	return least;
};

const browser = await chromium.launch({ executablePath:
    process.env.EV_CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox',
    '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update',
    '--disable-sync'] });

for (const [name, width, height] of [['phone', 360, 740], ['desktop', 1280, 900]])
for (const scripts of [true, false])
for (const colorScheme of scripts ? ['light', 'dark'] : ['light']) {
	const context = await browser.newContext({ viewport: { width, height },
	    javaScriptEnabled: scripts, colorScheme });
	const p = await context.newPage();
	const url = 'file://' + resolve(page);

	where = `${name}, ${scripts ? 'scripts' : 'no scripts'}, ${colorScheme}`;
	numbers = 0;
	p.on('console', m => complain(`console: ${m.text()}`));
	p.on('pageerror', e => complain(`error: ${e.message}`));
	p.on('dialog', d => { complain(`dialog: ${d.message()}`); d.dismiss(); });
	p.on('request', r => r.url() !== url && r.url() !== 'data:,' &&
	    complain(`request: ${r.url()}`));
	await p.goto(url);
	for (const open of [false, true]) {
		if (open)
			await p.$$eval('details', v =>
			    v.forEach(d => { d.open = true; }));
		const over = await p.evaluate(() =>
		    document.documentElement.scrollWidth - innerWidth);
		if (over > 0)
			complain(`${over} pixels too wide`);
	}
	if (await p.$('img, iframe, object, embed, link[rel=stylesheet]'))
		complain('an element that is none of the page\'s');
	await check(p);
	const contrast = await p.evaluate(readContrast);
	if (contrast < 4.5)
		complain(`contrast of ${contrast.toFixed(2)}`);
	if (shots)
		await p.screenshot({ fullPage: true,
		    path: `${shots}-${where.replace(/\W+/g, '-')}.png` });
	if (scripts)
		await checkScripts(p);
	await context.close();
	console.log(`${where}: ${numbers} numbers`);
}
await browser.close();
for (const w of wrong.slice(0, 40))
	console.log(`WRONG ${w}`);
process.exit(wrong.length ? 1 : 0);
