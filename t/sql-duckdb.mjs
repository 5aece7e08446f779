// sql-duckdb: SQL scripts in DuckDB, then a query's rows as TSV.
//
//	node sql-duckdb.mjs FACTS QUERY SCRIPT...
//
// Runs the scripts, then the query, and prints its rows as DuckDB writes
// them as text, NULL as \N.  $EV_NPM is the directory that holds
// node_modules with @duckdb/node-api.
import { createRequire } from 'node:module';
import { readFileSync, writeSync } from 'node:fs';

const require = createRequire(`${process.env.EV_NPM}/x.js`);
const { DuckDBInstance } = require('@duckdb/node-api');

const LF = Buffer.from('\n'), TAB = Buffer.from('\t');
const NULL = Buffer.from('\\N');

const line = (row) => Buffer.concat(row.flatMap((v, i) =>
    [i === 0 ? Buffer.alloc(0) : TAB, v === null ? NULL : v.bytes]).concat(LF));

const write = (bytes) => {
	for (let at = 0; at < bytes.length;)
		at += writeSync(1, bytes, at);
};

const [facts, query, ...scripts] = process.argv.slice(2);
try {
	const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
	const db = await instance.connect();
	await db.run(`SET VARIABLE facts = '${facts.replaceAll("'", "''")}'`);
	for (const script of scripts)
		await db.run(readFileSync(script, 'utf8'));
	// As bytes: text would lose a leading byte order mark on its way here.
	const result = await db.stream(
	    `SELECT encode(CAST(COLUMNS(*) AS VARCHAR)) FROM (${query})`);
	for (;;) {
		const chunk = await result.fetchChunk();
		if (chunk === null || chunk.rowCount === 0)
			break;
		write(Buffer.concat(chunk.getRows().map(line)));
	}
} catch (e) {
	console.error(`sql-duckdb: ${e.message}`);
	process.exit(1);
}
