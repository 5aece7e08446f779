-- Hive (2.3 or newer; Spark SQL with Hive support takes it, too) reads the
-- partitions as they lie.
--
--	beeline --hivevar facts=hdfs:///data/facts -f share/sql/hive.sql
--	beeline -f share/sql/views-hive.sql
--
-- Written after Hive's manual and its LazySimpleSerDe, whose rules the form
-- of a part file was chosen for; the project's tests do not run Hive.

CREATE DATABASE IF NOT EXISTS core;

-- No ESCAPED BY: the only backslash of ev-events(5) is \N, and unescaping
-- would cost time and change nothing.  An empty map field is an empty map,
-- "k=" an empty string and an absent key NULL; keys and values stay
-- percent-encoded.  event_timestamp is UTC.
CREATE EXTERNAL TABLE IF NOT EXISTS core.fct_website_events (
	user_id            BIGINT,
	logged_out_user_id BIGINT,
	dim_hostname       STRING,
	dim_country        STRING,
	dim_device_brand   STRING,
	action_type        STRING,
	event_timestamp    TIMESTAMP,
	other_properties   MAP<STRING, STRING>
)
PARTITIONED BY (ds STRING)
ROW FORMAT DELIMITED
	FIELDS TERMINATED BY '\t'
	COLLECTION ITEMS TERMINATED BY '&'
	MAP KEYS TERMINATED BY '='
	LINES TERMINATED BY '\n'
	NULL DEFINED AS '\\N'
STORED AS TEXTFILE
LOCATION '${hivevar:facts}';

-- Finds the ds=YYYY-MM-DD directories; again after each new day, or
--	ALTER TABLE core.fct_website_events ADD IF NOT EXISTS
--	    PARTITION (ds = '2026-11-21');
-- Names that begin with "_", as _manifests and _stage, are hidden files to
-- Hive.  Parts in .gz need nothing, those in .zst Hadoop's ZStandardCodec.
MSCK REPAIR TABLE core.fct_website_events;
