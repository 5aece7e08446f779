-- DuckDB (1.5; tried with 1.5.0 and 1.5.6) reads the fact table as it lies.
--
--	cd where/facts/is && duckdb
--	.read share/sql/duckdb.sql
--	.read share/sql/views.sql
--	SELECT * FROM metrics.signup_conversion_rate ORDER BY ds;
--
-- With facts elsewhere, first: SET VARIABLE facts = '/data/facts';
-- Nothing is loaded: each query reads the part files, plain, .gz and .zst.
-- For many queries over the same days, load them once:
--	CREATE TABLE november AS FROM core.fct_website_events
--	WHERE ds LIKE '2026-11-%';
--
-- Several files are read one after the other, so a reader may see part of a
-- batch while ev-partition(1) publishes it.

-- Earlier ones count wrong in silence: over a day of several parts 1.3.0 and
-- 1.4.0 give GROUP BY ds, x more than one row for one group.
SELECT error('DuckDB 1.5 or newer is needed, this is ' || version())
WHERE CAST(regexp_extract_all(version(), '[0-9]+')[1:2] AS INT[]) < [1, 5];

CREATE SCHEMA IF NOT EXISTS core;

-- ev-events(5): no quoting, no escapes, and \N is NULL while an empty field
-- is the empty string.  A line has at most 16 MiB.  ds is the directory's
-- name, as text: DuckDB would make a DATE of it.
CREATE OR REPLACE VIEW core.fct_website_events AS
SELECT * FROM read_csv(
	coalesce(getvariable('facts'), 'facts') || '/ds=*/part-*.tsv*',
	auto_detect = false, header = false,
	delim = '\t', quote = '', escape = '', comment = '', new_line = '\n',
	nullstr = '\N', max_line_size = 16777216,
	hive_partitioning = true, hive_types = {'ds': VARCHAR},
	columns = {
		'user_id': 'BIGINT',
		'logged_out_user_id': 'BIGINT',
		'dim_hostname': 'VARCHAR',
		'dim_country': 'VARCHAR',
		'dim_device_brand': 'VARCHAR',
		'action_type': 'VARCHAR',
		'event_timestamp': 'TIMESTAMP',
		'other_properties': 'VARCHAR'
	});

-- A property's text, still percent-encoded; NULL where it is absent.
-- The column keeps the map's text, k=v&k=v, and this looks into it: over
-- 603,000 events that is 0.2 s, making a MAP of each row is 2 s.
CREATE OR REPLACE MACRO core.prop(m, k) AS
	CASE WHEN contains('&' || m, '&' || k || '=')
	THEN split_part(split_part('&' || m, '&' || k || '=', 2), '&', 1) END;

-- The whole map as a MAP(VARCHAR, VARCHAR) of encoded text.
CREATE OR REPLACE MACRO core.props(m) AS
	map_from_entries([{'k': split_part(p, '=', 1),
		'v': CASE WHEN contains(p, '=') THEN split_part(p, '=', 2) END}
		FOR p IN string_split(m, '&') IF p <> '']);

-- The text that %XX stands for; NULL where those bytes are no UTF-8.
CREATE OR REPLACE MACRO core.decode(t) AS try(url_decode(t));

-- A property's number, as ev-agg(1) takes it; NULL where it is none.
CREATE OR REPLACE MACRO core.num(t) AS
	CASE WHEN regexp_full_match(t, '-?[0-9]{1,18}([.][0-9]{1,9})?')
	THEN CAST(t AS DECIMAL(38, 9)) END;

-- A dimension of a metric as ev-agg(1) writes it: the key alone for NULL,
-- and a value that begins with "(" is no "(other)".
CREATE OR REPLACE MACRO core.dim(k, v) AS
	k || coalesce('=' || regexp_replace(replace(replace(replace(v,
		'&', '%26'), '=', '%3D'), '+', '%2B'), '^[(]', '%28'), '');
