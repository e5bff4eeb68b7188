-- Views over the results in PostgreSQL, for Grafana and for SQL. docs/grafana.md explains them.
--
--   psql DATABASE -v ON_ERROR_STOP=1 -f pipelines/grafana/views.sql
--
-- Run it as the owner of the tables, and again after each update: it replaces the views. They are in their own schema, so
-- that nothing that 'store' creates can collide with them.
BEGIN;
CREATE SCHEMA IF NOT EXISTS nocturne_views;

DROP VIEW IF EXISTS nocturne_views.nights, nocturne_views.stages, nocturne_views.results, nocturne_views.labels,
  nocturne_views.quality, nocturne_views.rejections, nocturne_views.alerts;

-- A batch's date as a moment for a time axis; null for batches without a date.
CREATE OR REPLACE FUNCTION nocturne_views.day(batch text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN batch ~ '^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' THEN
    -- 31 February would become a day in March; no batch has such a date.
    CASE WHEN to_char((substr(batch, 1, 8) || '01')::date + (substr(batch, 9)::int - 1), 'YYYY-MM-DD') = batch
    THEN batch::date::timestamp AT TIME ZONE 'UTC' END END
$$;

-- One row for each stage that a batch's results come from, with the figures of the loaded version: the newest run may be
-- of another one. For a batch of which nothing is loaded, the newest runs.
CREATE VIEW nocturne_views.results AS
SELECT nocturne_views.day(r.batch) AS "time", r.pipeline, r.batch, r.stage, coalesce(c.version, r.version) AS version,
  f.figures->'summary'->>'tool' AS tool, (f.figures->>'items')::bigint AS items,
  (f.figures->>'rejected')::bigint AS rejected, (f.figures->>'seconds')::double precision AS seconds,
  (f.figures->>'finished_at')::timestamptz AS finished_at,
  CASE WHEN f.figures->'summary'->'model' ? 'name' THEN
    concat_ws('@', f.figures->'summary'->'model'->>'name', f.figures->'summary'->'model'->>'version') END AS model,
  coalesce(f.figures->'summary'->'rejected_by_reason', '{}') AS rejected_by_reason
FROM runs r LEFT JOIN receipts c ON (c.pipeline, c.batch, c.stage) = (r.pipeline, r.batch, r.stage)
CROSS JOIN LATERAL (SELECT CASE
    WHEN r.summary->'loaded'->>'version' = c.version THEN r.summary->'loaded'
    WHEN c.version IS NULL OR (c.version = r.version AND r.status IN ('sealed', 'held_back')) THEN
      to_jsonb(r)
    -- An earlier release did not record which run it was.
    ELSE jsonb_build_object('items', nullif(c.predictions, 0), 'rejected', c.rejections, 'finished_at', c.loaded_at)
  END AS figures) f
WHERE c.version IS NOT NULL
  OR NOT EXISTS (SELECT 1 FROM receipts o WHERE (o.pipeline, o.batch) = (r.pipeline, r.batch));

-- One row for each stage of each batch: the result and cost of its newest run. Figures about the sound are those of the results.
CREATE VIEW nocturne_views.stages AS
SELECT nocturne_views.day(r.batch) AS "time", r.pipeline, r.batch, r.stage, r.summary->>'tool' AS tool, r.version,
  r.status, r.items, r.rejected, r.seconds, r.peak_memory_bytes, r.bytes_in, r.bytes_out, r.started_at, r.finished_at,
  r.summary->>'failure' AS failure, r.summary->>'held_back' AS held_back,
  CASE WHEN r.summary->'model' ? 'name' THEN concat_ws('@', r.summary->'model'->>'name', r.summary->'model'->>'version')
  END AS model,
  q.audio_seconds, q.audio_seconds / nullif(l.seconds, 0) AS times_real_time, l.version AS loaded_version,
  r.summary->>'pinned' AS pinned, (r.summary->>'memory_limit_bytes')::bigint AS memory_limit_bytes
FROM runs r LEFT JOIN nocturne_views.results l USING (pipeline, batch, stage) LEFT JOIN (
  SELECT pipeline, batch, sum("sum") AS audio_seconds FROM quality_counts WHERE field = '' AND figure = 'seconds'
  GROUP BY pipeline, batch) q USING (pipeline, batch);

-- One row for each batch: its state is that of its worst stage, its other figures are those of its results.
CREATE VIEW nocturne_views.nights AS
SELECT *
FROM (
  SELECT "time", pipeline, batch,
    CASE WHEN bool_or(status = 'failed') THEN 'failed' WHEN bool_or(status = 'held_back') THEN 'held_back'
      WHEN bool_or(status = 'running') THEN 'running' WHEN bool_or(status = 'absent') THEN 'missing' ELSE 'sealed' END
      AS state,
    max(peak_memory_bytes) AS peak_memory_bytes, max(audio_seconds) AS audio_seconds,
    avg((status = 'sealed')::int)::double precision AS success_rate
  FROM nocturne_views.stages GROUP BY "time", pipeline, batch) AS newest
LEFT JOIN (
  SELECT pipeline, batch, max(items) FILTER (WHERE tool = 'infer') AS items, sum(rejected) AS rejected,
    sum(seconds) AS seconds, string_agg(DISTINCT model, ', ') AS model, max(finished_at) AS finished_at
  FROM nocturne_views.results GROUP BY pipeline, batch) AS results USING (pipeline, batch);

-- The count of each label, for all items (field '') and by the values of each field of store.group_by.
CREATE VIEW nocturne_views.labels AS
SELECT nocturne_views.day(batch) AS "time", pipeline, batch, stage, model, model_version, field, value, label, items,
  score_sum / nullif((SELECT sum(bin::bigint) FROM jsonb_array_elements_text(score_bins) AS bin), 0) AS mean_score,
  score_bins
FROM label_counts;

-- The quality figures of the recordings, grouped in the same way. The mean of 'filled.NAME' is the share of items that were filled.
CREATE VIEW nocturne_views.quality AS
SELECT nocturne_views.day(batch) AS "time", pipeline, batch, stage, field, value, figure, items, "sum" / items AS mean,
  minimum, maximum
FROM quality_counts;

-- The number of rejected items by stage and reason.
CREATE VIEW nocturne_views.rejections AS
SELECT nocturne_views.day(r.batch) AS "time", r.pipeline, r.batch, r.stage, reason.key AS reason,
  reason.value::bigint AS items
FROM nocturne_views.results r, jsonb_each_text(r.rejected_by_reason) AS reason;

-- The alerts, at the time they were raised.
CREATE VIEW nocturne_views.alerts AS
SELECT raised_at AS "time", pipeline, batch, stage, version, severity, reason, message, detail, acknowledged_at
FROM alerts;
COMMIT;
