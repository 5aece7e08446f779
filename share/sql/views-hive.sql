-- Written by mkviews from a config's metrics; mend that, not this.
-- Each metric is a view of ds, metric, dimensions, value, numerator
-- and denominator, the rows that ev-agg(1) prints.
CREATE DATABASE IF NOT EXISTS metrics;
DROP VIEW IF EXISTS metrics.daily_metrics;

DROP VIEW IF EXISTS metrics.website_hits;
CREATE VIEW metrics.website_hits AS
SELECT ds, 'website_hits' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.visitors;
CREATE VIEW metrics.visitors AS
SELECT ds, 'visitors' AS metric,
       '' AS dimensions,
       count(DISTINCT CASE WHEN action_type IN ('landing_page', 'page_view')
        AND other_properties['bot'] IS NULL
       THEN logged_out_user_id END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.signups;
CREATE VIEW metrics.signups AS
SELECT ds, 'signups' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type = 'signup'
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.purchases;
CREATE VIEW metrics.purchases AS
SELECT ds, 'purchases' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type = 'purchase'
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.lesson_views;
CREATE VIEW metrics.lesson_views AS
SELECT ds, 'lesson_views' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type = 'watch_video'
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.signup_conversion_rate;
CREATE VIEW metrics.signup_conversion_rate AS
SELECT ds, 'signup_conversion_rate' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, '' AS dimensions,
       count(CASE WHEN action_type = 'signup'
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS numerator,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS denominator
  FROM core.fct_website_events
 GROUP BY ds) AS terms;

DROP VIEW IF EXISTS metrics.purchase_conversion_rate;
CREATE VIEW metrics.purchase_conversion_rate AS
SELECT ds, 'purchase_conversion_rate' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, '' AS dimensions,
       count(CASE WHEN action_type = 'purchase'
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS numerator,
       count(CASE WHEN action_type = 'signup'
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS denominator
  FROM core.fct_website_events
 GROUP BY ds) AS terms;

DROP VIEW IF EXISTS metrics.hits_by_host;
CREATE VIEW metrics.hits_by_host AS
SELECT ds, 'hits_by_host' AS metric,
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.visitors_by_host;
CREATE VIEW metrics.visitors_by_host AS
SELECT ds, 'visitors_by_host' AS metric,
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(DISTINCT logged_out_user_id) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.signups_by_host;
CREATE VIEW metrics.signups_by_host AS
SELECT ds, 'signups_by_host' AS metric,
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'signup'
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.purchases_by_host;
CREATE VIEW metrics.purchases_by_host AS
SELECT ds, 'purchases_by_host' AS metric,
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'purchase'
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.lesson_views_by_host;
CREATE VIEW metrics.lesson_views_by_host AS
SELECT ds, 'lesson_views_by_host' AS metric,
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'watch_video'
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.signup_conversion_rate_by_host;
CREATE VIEW metrics.signup_conversion_rate_by_host AS
SELECT ds, 'signup_conversion_rate_by_host' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(CASE WHEN action_type = 'signup'
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS numerator,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS denominator
  FROM core.fct_website_events
 WHERE (action_type = 'signup'
   AND other_properties['bot'] IS NULL)
    OR (action_type IN ('landing_page', 'page_view')
   AND other_properties['bot'] IS NULL)
 GROUP BY ds, concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''))) AS terms;

DROP VIEW IF EXISTS metrics.purchase_conversion_rate_by_host;
CREATE VIEW metrics.purchase_conversion_rate_by_host AS
SELECT ds, 'purchase_conversion_rate_by_host' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(CASE WHEN action_type = 'purchase'
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS numerator,
       count(CASE WHEN action_type = 'signup'
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS denominator
  FROM core.fct_website_events
 WHERE (action_type = 'purchase'
   AND other_properties['bot'] IS NULL)
    OR (action_type = 'signup'
   AND other_properties['bot'] IS NULL)
 GROUP BY ds, concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''))) AS terms;

DROP VIEW IF EXISTS metrics.traffic_breakdown;
CREATE VIEW metrics.traffic_breakdown AS
SELECT ds, 'traffic_breakdown' AS metric,
       concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.traffic_by_campaign;
CREATE VIEW metrics.traffic_by_campaign AS
SELECT ds, 'traffic_by_campaign' AS metric,
       concat('arg_utm_source', coalesce(concat('=', regexp_replace(
       other_properties['arg_utm_source'],
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('arg_utm_source', coalesce(concat('=', regexp_replace(
       other_properties['arg_utm_source'],
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.hits_by_country;
CREATE VIEW metrics.hits_by_country AS
SELECT ds, 'hits_by_country' AS metric,
       concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.hits_by_device;
CREATE VIEW metrics.hits_by_device AS
SELECT ds, 'hits_by_device' AS metric,
       concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.visitors_by_referrer;
CREATE VIEW metrics.visitors_by_referrer AS
SELECT ds, 'visitors_by_referrer' AS metric,
       concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), '')) AS dimensions,
       count(DISTINCT logged_out_user_id) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.visitors_by_country;
CREATE VIEW metrics.visitors_by_country AS
SELECT ds, 'visitors_by_country' AS metric,
       concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(DISTINCT logged_out_user_id) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.visitors_by_device;
CREATE VIEW metrics.visitors_by_device AS
SELECT ds, 'visitors_by_device' AS metric,
       concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(DISTINCT logged_out_user_id) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.signups_by_referrer;
CREATE VIEW metrics.signups_by_referrer AS
SELECT ds, 'signups_by_referrer' AS metric,
       concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'signup'
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.signups_by_country;
CREATE VIEW metrics.signups_by_country AS
SELECT ds, 'signups_by_country' AS metric,
       concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'signup'
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.signups_by_device;
CREATE VIEW metrics.signups_by_device AS
SELECT ds, 'signups_by_device' AS metric,
       concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'signup'
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.purchases_by_referrer;
CREATE VIEW metrics.purchases_by_referrer AS
SELECT ds, 'purchases_by_referrer' AS metric,
       concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'purchase'
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.purchases_by_country;
CREATE VIEW metrics.purchases_by_country AS
SELECT ds, 'purchases_by_country' AS metric,
       concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'purchase'
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.purchases_by_device;
CREATE VIEW metrics.purchases_by_device AS
SELECT ds, 'purchases_by_device' AS metric,
       concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'purchase'
   AND other_properties['bot'] IS NULL
 GROUP BY ds, concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.website_hits_undeclared;
CREATE VIEW metrics.website_hits_undeclared AS
SELECT ds, 'website_hits_undeclared' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND (other_properties['bot_class'] = 'suspected'
         OR other_properties['bot_class'] IS NULL)
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.visitors_undeclared;
CREATE VIEW metrics.visitors_undeclared AS
SELECT ds, 'visitors_undeclared' AS metric,
       '' AS dimensions,
       count(DISTINCT CASE WHEN action_type IN ('landing_page', 'page_view')
        AND (other_properties['bot_class'] = 'suspected'
         OR other_properties['bot_class'] IS NULL)
       THEN logged_out_user_id END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.signups_undeclared;
CREATE VIEW metrics.signups_undeclared AS
SELECT ds, 'signups_undeclared' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type = 'signup'
        AND (other_properties['bot_class'] = 'suspected'
         OR other_properties['bot_class'] IS NULL)
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.purchases_undeclared;
CREATE VIEW metrics.purchases_undeclared AS
SELECT ds, 'purchases_undeclared' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type = 'purchase'
        AND (other_properties['bot_class'] = 'suspected'
         OR other_properties['bot_class'] IS NULL)
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.signup_conversion_rate_undeclared;
CREATE VIEW metrics.signup_conversion_rate_undeclared AS
SELECT ds, 'signup_conversion_rate_undeclared' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, '' AS dimensions,
       count(CASE WHEN action_type = 'signup'
        AND (other_properties['bot_class'] = 'suspected'
         OR other_properties['bot_class'] IS NULL)
       THEN 1 END) AS numerator,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND (other_properties['bot_class'] = 'suspected'
         OR other_properties['bot_class'] IS NULL)
       THEN 1 END) AS denominator
  FROM core.fct_website_events
 GROUP BY ds) AS terms;

DROP VIEW IF EXISTS metrics.purchase_conversion_rate_undeclared;
CREATE VIEW metrics.purchase_conversion_rate_undeclared AS
SELECT ds, 'purchase_conversion_rate_undeclared' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, '' AS dimensions,
       count(CASE WHEN action_type = 'purchase'
        AND (other_properties['bot_class'] = 'suspected'
         OR other_properties['bot_class'] IS NULL)
       THEN 1 END) AS numerator,
       count(CASE WHEN action_type = 'signup'
        AND (other_properties['bot_class'] = 'suspected'
         OR other_properties['bot_class'] IS NULL)
       THEN 1 END) AS denominator
  FROM core.fct_website_events
 GROUP BY ds) AS terms;

DROP VIEW IF EXISTS metrics.website_hits_all;
CREATE VIEW metrics.website_hits_all AS
SELECT ds, 'website_hits_all' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.visitors_all;
CREATE VIEW metrics.visitors_all AS
SELECT ds, 'visitors_all' AS metric,
       '' AS dimensions,
       count(DISTINCT CASE WHEN action_type IN ('landing_page', 'page_view')
       THEN logged_out_user_id END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.signups_all;
CREATE VIEW metrics.signups_all AS
SELECT ds, 'signups_all' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type = 'signup'
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.purchases_all;
CREATE VIEW metrics.purchases_all AS
SELECT ds, 'purchases_all' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type = 'purchase'
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.signup_conversion_rate_all;
CREATE VIEW metrics.signup_conversion_rate_all AS
SELECT ds, 'signup_conversion_rate_all' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, '' AS dimensions,
       count(CASE WHEN action_type = 'signup'
       THEN 1 END) AS numerator,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
       THEN 1 END) AS denominator
  FROM core.fct_website_events
 GROUP BY ds) AS terms;

DROP VIEW IF EXISTS metrics.purchase_conversion_rate_all;
CREATE VIEW metrics.purchase_conversion_rate_all AS
SELECT ds, 'purchase_conversion_rate_all' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, '' AS dimensions,
       count(CASE WHEN action_type = 'purchase'
       THEN 1 END) AS numerator,
       count(CASE WHEN action_type = 'signup'
       THEN 1 END) AS denominator
  FROM core.fct_website_events
 GROUP BY ds) AS terms;

DROP VIEW IF EXISTS metrics.events_by_action;
CREATE VIEW metrics.events_by_action AS
SELECT ds, 'events_by_action' AS metric,
       concat('action_type', coalesce(concat('=', regexp_replace(
       replace(replace(replace(action_type,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds, concat('action_type', coalesce(concat('=', regexp_replace(
       replace(replace(replace(action_type,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.hits_by_bot_class;
CREATE VIEW metrics.hits_by_bot_class AS
SELECT ds, 'hits_by_bot_class' AS metric,
       concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.hits_by_bot;
CREATE VIEW metrics.hits_by_bot AS
SELECT ds, 'hits_by_bot' AS metric,
       concat('bot', coalesce(concat('=', regexp_replace(
       other_properties['bot'],
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat('bot', coalesce(concat('=', regexp_replace(
       other_properties['bot'],
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.visitors_by_bot_class;
CREATE VIEW metrics.visitors_by_bot_class AS
SELECT ds, 'visitors_by_bot_class' AS metric,
       concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')) AS dimensions,
       count(DISTINCT logged_out_user_id) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.hits_by_class_and_host;
CREATE VIEW metrics.hits_by_class_and_host AS
SELECT ds, 'hits_by_class_and_host' AS metric,
       concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''))) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')));

DROP VIEW IF EXISTS metrics.visitors_by_class_and_host;
CREATE VIEW metrics.visitors_by_class_and_host AS
SELECT ds, 'visitors_by_class_and_host' AS metric,
       concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''))) AS dimensions,
       count(DISTINCT logged_out_user_id) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')));

DROP VIEW IF EXISTS metrics.signups_by_class_and_host;
CREATE VIEW metrics.signups_by_class_and_host AS
SELECT ds, 'signups_by_class_and_host' AS metric,
       concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''))) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'signup'
 GROUP BY ds, concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')));

DROP VIEW IF EXISTS metrics.purchases_by_class_and_host;
CREATE VIEW metrics.purchases_by_class_and_host AS
SELECT ds, 'purchases_by_class_and_host' AS metric,
       concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''))) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type = 'purchase'
 GROUP BY ds, concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')));

DROP VIEW IF EXISTS metrics.hits_by_class_host_and_referrer;
CREATE VIEW metrics.hits_by_class_host_and_referrer AS
SELECT ds, 'hits_by_class_host_and_referrer' AS metric,
       concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), ''))) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), '')));

DROP VIEW IF EXISTS metrics.hits_by_class_host_and_country;
CREATE VIEW metrics.hits_by_class_host_and_country AS
SELECT ds, 'hits_by_class_host_and_country' AS metric,
       concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''))) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')));

DROP VIEW IF EXISTS metrics.hits_by_class_host_and_device;
CREATE VIEW metrics.hits_by_class_host_and_device AS
SELECT ds, 'hits_by_class_host_and_device' AS metric,
       concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''))) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')));

DROP VIEW IF EXISTS metrics.visitors_by_class_host_and_referrer;
CREATE VIEW metrics.visitors_by_class_host_and_referrer AS
SELECT ds, 'visitors_by_class_host_and_referrer' AS metric,
       concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), ''))) AS dimensions,
       count(DISTINCT logged_out_user_id) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('referrer', coalesce(concat('=', regexp_replace(
       other_properties['referrer'],
       '^[(]', '%28')), '')));

DROP VIEW IF EXISTS metrics.visitors_by_class_host_and_country;
CREATE VIEW metrics.visitors_by_class_host_and_country AS
SELECT ds, 'visitors_by_class_host_and_country' AS metric,
       concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''))) AS dimensions,
       count(DISTINCT logged_out_user_id) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_country', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_country,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')));

DROP VIEW IF EXISTS metrics.visitors_by_class_host_and_device;
CREATE VIEW metrics.visitors_by_class_host_and_device AS
SELECT ds, 'visitors_by_class_host_and_device' AS metric,
       concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), ''))) AS dimensions,
       count(DISTINCT logged_out_user_id) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 WHERE action_type IN ('landing_page', 'page_view')
 GROUP BY ds, concat(concat('bot_class', coalesce(concat('=', regexp_replace(
       other_properties['bot_class'],
       '^[(]', '%28')), '')), '&',
       concat('dim_device_brand', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_device_brand,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')), '&',
       concat('dim_hostname', coalesce(concat('=', regexp_replace(
       replace(replace(replace(dim_hostname,
       '&', '%26'), '=', '%3D'), '+', '%2B'),
       '^[(]', '%28')), '')));

DROP VIEW IF EXISTS metrics.events;
CREATE VIEW metrics.events AS
SELECT ds, 'events' AS metric,
       '' AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.events_by_hour;
CREATE VIEW metrics.events_by_hour AS
SELECT ds, 'events_by_hour' AS metric,
       concat('hour', coalesce(concat('=', regexp_replace(
       date_format(event_timestamp, 'HH'),
       '^[(]', '%28')), '')) AS dimensions,
       count(*) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds, concat('hour', coalesce(concat('=', regexp_replace(
       date_format(event_timestamp, 'HH'),
       '^[(]', '%28')), ''));

DROP VIEW IF EXISTS metrics.bot_events;
CREATE VIEW metrics.bot_events AS
SELECT ds, 'bot_events' AS metric,
       '' AS dimensions,
       count(CASE WHEN other_properties['bot_class'] IN ('declared', 'suspected')
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.hits_without_referrer;
CREATE VIEW metrics.hits_without_referrer AS
SELECT ds, 'hits_without_referrer' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND other_properties['bot'] IS NULL
        AND other_properties['referrer'] IS NULL
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.hits_without_country;
CREATE VIEW metrics.hits_without_country AS
SELECT ds, 'hits_without_country' AS metric,
       '' AS dimensions,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND other_properties['bot'] IS NULL
        AND dim_country IS NULL
       THEN 1 END) AS value,
       CAST(NULL AS BIGINT) AS numerator, CAST(NULL AS BIGINT) AS denominator
  FROM core.fct_website_events
 GROUP BY ds;

DROP VIEW IF EXISTS metrics.bot_share;
CREATE VIEW metrics.bot_share AS
SELECT ds, 'bot_share' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, '' AS dimensions,
       count(CASE WHEN other_properties['bot_class'] IN ('declared', 'suspected')
       THEN 1 END) AS numerator,
       count(*) AS denominator
  FROM core.fct_website_events
 GROUP BY ds) AS terms;

DROP VIEW IF EXISTS metrics.no_referrer_share;
CREATE VIEW metrics.no_referrer_share AS
SELECT ds, 'no_referrer_share' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, '' AS dimensions,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND other_properties['bot'] IS NULL
        AND other_properties['referrer'] IS NULL
       THEN 1 END) AS numerator,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS denominator
  FROM core.fct_website_events
 GROUP BY ds) AS terms;

DROP VIEW IF EXISTS metrics.no_country_share;
CREATE VIEW metrics.no_country_share AS
SELECT ds, 'no_country_share' AS metric, dimensions,
       CAST(numerator AS DOUBLE) / NULLIF(denominator, 0) AS value,
       numerator, denominator
  FROM (
SELECT ds, '' AS dimensions,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND other_properties['bot'] IS NULL
        AND dim_country IS NULL
       THEN 1 END) AS numerator,
       count(CASE WHEN action_type IN ('landing_page', 'page_view')
        AND other_properties['bot'] IS NULL
       THEN 1 END) AS denominator
  FROM core.fct_website_events
 GROUP BY ds) AS terms;

-- All of them.  A count past 2^53 is not exact as a DOUBLE.
CREATE VIEW metrics.daily_metrics AS
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.website_hits
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signups
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchases
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.lesson_views
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signup_conversion_rate
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchase_conversion_rate
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_by_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_by_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signups_by_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchases_by_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.lesson_views_by_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signup_conversion_rate_by_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchase_conversion_rate_by_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.traffic_breakdown
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.traffic_by_campaign
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_by_country
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_by_device
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_by_referrer
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_by_country
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_by_device
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signups_by_referrer
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signups_by_country
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signups_by_device
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchases_by_referrer
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchases_by_country
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchases_by_device
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.website_hits_undeclared
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_undeclared
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signups_undeclared
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchases_undeclared
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signup_conversion_rate_undeclared
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchase_conversion_rate_undeclared
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.website_hits_all
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_all
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signups_all
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchases_all
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signup_conversion_rate_all
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchase_conversion_rate_all
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.events_by_action
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_by_bot_class
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_by_bot
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_by_bot_class
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_by_class_and_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_by_class_and_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.signups_by_class_and_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.purchases_by_class_and_host
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_by_class_host_and_referrer
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_by_class_host_and_country
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_by_class_host_and_device
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_by_class_host_and_referrer
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_by_class_host_and_country
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.visitors_by_class_host_and_device
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.events
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.events_by_hour
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.bot_events
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_without_referrer
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.hits_without_country
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.bot_share
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.no_referrer_share
UNION ALL
SELECT ds, metric, dimensions, CAST(value AS DOUBLE) AS value,
       numerator, denominator
  FROM metrics.no_country_share;
