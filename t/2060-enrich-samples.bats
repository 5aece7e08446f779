# ev-enrich on the agents that others have collected: npm's
# crawler-user-agents and user-agents, under $EV_NPM/node_modules.

load helper

samples() {
	need node
	[ -d "${EV_NPM-}/node_modules/$1" ] || skip "no $1 under \$EV_NPM/node_modules"
	node "$T/enrich-samples.js" "$EV_NPM/node_modules" "$2" >samples
	runs 0 ev-enrich -q --no-marks rows
	[ "$(wc -l <out)" = "$(wc -l <samples)" ]
}

# Two of 2118 are browsers of people: Facebook's in-app browser, whose bot has
# another name, and Fluid, which makes an app of a site.
@test "the samples of crawler-user-agents are bots, with the tag of their entry" {
	samples crawler-user-agents bots
	[ "$(wc -l <samples)" = 2118 ]
	cut -f8 out | paste samples - | awk -F'\t' '{
		tag = match($3, /&bot_tag=[^&]*/) ?
		    substr($3, RSTART + 9, RLENGTH - 9) : ""
		if ($3 !~ /^bot=/ || !index($1, "," tag ","))
			print $2
	}' >wrong
	cat wrong
	[ "$(grep -cE 'MetaIAB Facebook$|Fluid/0\.9\.6' wrong)" = 2 ]
	[ "$(wc -l <wrong)" = 2 ]
}

@test "of the browsers that user-agents has seen, none is a bot" {
	samples user-agents people
	[ "$(wc -l <samples)" -gt 900 ]
	cut -f8 out | paste samples - | grep -E '	(.*&)?bot=' || return 0
	false
}

@test "an agent that names a library and a crawler has the crawler's tag" {
	printf '\\N\t\\N\tx\t\\N\t\\N\to\t2026-11-21 10:00:00\thttp_user_agent=%s\t2026-11-21\n' \
		'WGETbot/1.0 (%2Bhttp://wget.alanreed.org)' \
		'linkdexbot/Nutch-1.0-dev (http://www.linkdex.com/)' \
		'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient)' \
		'Googlebot/2.1 (%2Bhttp://www.google.com/bot.html)' curl/7.88 >in
	runs 0 ev-enrich -q --no-marks in
	[ "$(grep -o 'bot_tag=[^&]*' out | cut -d= -f2 | paste -sd ' ')" = \
		'http-library seo social-preview search-engine http-library' ]
}
