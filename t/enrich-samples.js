// enrich-samples: rows for ev-enrich of agents that others have collected,
// and what they say of each.
//
//	node enrich-samples.js NODE_MODULES bots | people
//
// Writes the file rows, and to stdout a line for each: the tags of the entry
// that lists the agent, between commas, a TAB, the agent.
'use strict';

const fs = require('fs');

const [dir, kind] = process.argv.slice(2);
const read = (name) => JSON.parse(fs.readFileSync(dir + '/' + name, 'utf8'));

function encode(text) {
	let s = '';
	for (const c of Buffer.from(text, 'utf8'))
		s += c < 0x20 || c >= 0x7f || '%&=+\\'.includes(String.fromCharCode(c))
			? '%' + c.toString(16).toUpperCase().padStart(2, '0')
			: String.fromCharCode(c);
	return s;
}

const samples = [];
if (kind === 'bots') {
	for (const c of read('crawler-user-agents/crawler-user-agents.json'))
		for (const agent of c.instances || [])
			samples.push([`,${(c.tags || []).join(',')},`, agent]);
} else {
	const all = read('user-agents/dist/user-agents.json');
	for (const agent of new Set(all.map((u) => u.userAgent)))
		samples.push([',,', agent]);
}

let rows = '';
for (const [, agent] of samples)
	rows += '\\N\t\\N\tx.com\t\\N\t\\N\tpage_view\t2026-11-21 10:00:00\t' +
	    `http_user_agent=${encode(agent)}\t2026-11-21\n`;
fs.writeFileSync('rows', rows);
console.log(samples.map(([tags, agent]) => `${tags}\t${encode(agent)}`)
    .join('\n'));
