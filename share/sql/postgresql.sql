-- PostgreSQL (13 or newer; tried with 15): the fact table and what the views
-- need.  load-postgresql fills it, a partition a day.
--
--	psql -f share/sql/postgresql.sql -f share/sql/views.sql
--	share/sql/load-postgresql facts
--	psql -c 'SELECT * FROM metrics.signup_conversion_rate ORDER BY ds'
--
-- Before asking metrics.daily_metrics for many days: SET jit = off.  Each scan
-- of each day for each metric would be compiled: 46 metrics of 28 days and
-- 300,000 events take 5.8 s without, 122 s with it (PostgreSQL 15).
--
-- COPY's text format is that of ev-events(5): TAB, LF, \N, and no other
-- backslash.  Its default options read a part file untouched.

CREATE SCHEMA IF NOT EXISTS core;

-- Text sorts and compares by its bytes, as the filters do.
CREATE TABLE IF NOT EXISTS core.fct_website_events (
	user_id            bigint,
	logged_out_user_id bigint,
	dim_hostname       text COLLATE "C",
	dim_country        text COLLATE "C",
	dim_device_brand   text COLLATE "C",
	action_type        text COLLATE "C" NOT NULL,
	event_timestamp    timestamp(3) NOT NULL,	-- UTC
	other_properties   text COLLATE "C",	-- k=v&k=v, see core.prop
	ds                 text COLLATE "C" NOT NULL
) PARTITION BY LIST (ds);

-- A property's text, still percent-encoded; NULL where it is absent.  Not
-- STRICT, so that the planner puts the expression in place of the call.
CREATE OR REPLACE FUNCTION core.prop(m text, k text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN strpos('&' || m, '&' || k || '=') > 0
	THEN split_part(split_part('&' || m, '&' || k || '=', 2), '&', 1) END
$$;

-- The whole map as jsonb, of encoded text.
CREATE OR REPLACE FUNCTION core.props(m text) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN m IS NOT NULL THEN (
		SELECT coalesce(jsonb_object_agg(split_part(p, '=', 1),
		    CASE WHEN strpos(p, '=') > 0
		    THEN split_part(p, '=', 2) END), '{}')
		FROM unnest(string_to_array(m, '&')) AS p
		WHERE p <> '') END
$$;

-- The text that %XX stands for; NULL where those bytes are no UTF-8 (table
-- 3-7 of the Unicode standard), or hold a NUL, which text cannot.  A '%' that
-- two hex digits do not follow stays.  An exception handler would be simpler,
-- but starts a subtransaction, which a parallel query must not.
CREATE OR REPLACE FUNCTION core.decode(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN strpos(t, '%') = 0 THEN t ELSE (
		SELECT CASE WHEN encode(b, 'hex') ~ ('^(?:0[1-9a-f]|[1-7].|'
			'(?:c[2-9a-f]|d.)[89ab].|e0[ab].[89ab].|'
			'e[1-9abcef][89ab].[89ab].|ed[89].[89ab].|'
			'f0[9ab].[89ab].[89ab].|f[1-3](?:[89ab].){3}|'
			'f48.[89ab].[89ab].)*$')
		THEN convert_from(b, 'UTF8') END
		FROM (SELECT string_agg(CASE
			WHEN i = 1 THEN convert_to(p, 'UTF8')
			WHEN p ~ '^[0-9A-Fa-f]{2}' THEN
			    decode(left(p, 2), 'hex') ||
			    convert_to(substr(p, 3), 'UTF8')
			ELSE convert_to('%' || p, 'UTF8') END, '' ORDER BY i)
			FROM unnest(string_to_array(t, '%'))
			    WITH ORDINALITY AS part(p, i)) AS bytes(b)) END
$$;

-- A property's number, as ev-agg(1) takes it; NULL where it is none.
CREATE OR REPLACE FUNCTION core.num(t text) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT CASE WHEN t ~ '^-?[0-9]{1,18}([.][0-9]{1,9})?$'
	THEN CAST(t AS numeric) END
$$;

-- A dimension of a metric as ev-agg(1) writes it: the key alone for NULL,
-- and a value that begins with "(" is no "(other)".
CREATE OR REPLACE FUNCTION core.dim(k text, v text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
	SELECT k || coalesce('=' || regexp_replace(replace(replace(replace(v,
	    '&', '%26'), '=', '%3D'), '+', '%2B'), '^[(]', '%28'), '')
$$;
