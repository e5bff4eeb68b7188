-- Views over the results in PostgreSQL, for Grafana and for whoever asks in SQL. docs/grafana.md explains them.
--
--   psql DATABASE -v ON_ERROR_STOP=1 -f pipelines/grafana/views.sql
--
-- Run it as the owner of the tables, again after each update: it replaces the views. They stand in a schema of their own,
-- so that nothing that 'store' makes can meet them.
BEGIN;
CREATE SCHEMA IF NOT EXISTS nocturne_views;

DROP VIEW IF EXISTS nocturne_views.nights, nocturne_views.stages, nocturne_views.labels, nocturne_views.quality,
  nocturne_views.rejections, nocturne_views.alerts;

-- The day that a batch is named by, as a moment that a time axis can show; no row for batches with other names.
CREATE OR REPLACE FUNCTION nocturne_views.day(batch text) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN batch ~ '^(?!0000)[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' THEN
    -- 31 February is a day of March here, and no day of anybody's batch.
    CASE WHEN to_char((substr(batch, 1, 8) || '01')::date + (substr(batch, 9)::int - 1), 'YYYY-MM-DD') = batch
    THEN batch::date::timestamp AT TIME ZONE 'UTC' END END
$$;

-- One row for each stage of each batch: how it went, and what it took.
CREATE VIEW nocturne_views.stages AS
SELECT nocturne_views.day(r.batch) AS "time", r.pipeline, r.batch, r.stage, r.summary->>'tool' AS tool, r.version,
  r.status, r.items, r.rejected, r.seconds, r.peak_memory_bytes, r.bytes_in, r.bytes_out, r.started_at, r.finished_at,
  r.summary->>'failure' AS failure, r.summary->>'held_back' AS held_back,
  CASE WHEN r.summary->'model' ? 'name' THEN concat_ws('@', r.summary->'model'->>'name', r.summary->'model'->>'version')
  END AS model,
  q.audio_seconds, q.audio_seconds / nullif(r.seconds, 0) AS times_real_time
FROM runs r LEFT JOIN (
  SELECT pipeline, batch, sum("sum") AS audio_seconds FROM quality_counts WHERE field = '' AND figure = 'seconds'
  GROUP BY pipeline, batch) q USING (pipeline, batch);

-- One row for each batch: its state is that of its worst stage.
CREATE VIEW nocturne_views.nights AS
SELECT "time", pipeline, batch,
  CASE WHEN bool_or(status = 'failed') THEN 'failed' WHEN bool_or(status = 'held_back') THEN 'held_back'
    WHEN bool_or(status = 'running') THEN 'running' WHEN bool_or(status = 'absent') THEN 'missing' ELSE 'sealed' END
    AS state,
  max(items) FILTER (WHERE tool = 'infer') AS items, sum(rejected) AS rejected, sum(seconds) AS seconds,
  max(peak_memory_bytes) AS peak_memory_bytes, max(audio_seconds) AS audio_seconds,
  string_agg(DISTINCT model, ', ') AS model, max(finished_at) AS finished_at,
  avg((status = 'sealed')::int)::double precision AS success_rate
FROM nocturne_views.stages GROUP BY "time", pipeline, batch;

-- How often each label was heard, for all items (field '') and by the values of each field of store.group_by.
CREATE VIEW nocturne_views.labels AS
SELECT nocturne_views.day(batch) AS "time", pipeline, batch, stage, model, model_version, field, value, label, items,
  score_sum / nullif((SELECT sum(bin::bigint) FROM jsonb_array_elements_text(score_bins) AS bin), 0) AS mean_score,
  score_bins
FROM label_counts;

-- What was measured of the recordings, grouped alike. The mean of 'filled.NAME' is the share of items that were filled.
CREATE VIEW nocturne_views.quality AS
SELECT nocturne_views.day(batch) AS "time", pipeline, batch, stage, field, value, figure, items, "sum" / items AS mean,
  minimum, maximum
FROM quality_counts;

-- How many items ended, by stage and reason.
CREATE VIEW nocturne_views.rejections AS
SELECT nocturne_views.day(r.batch) AS "time", r.pipeline, r.batch, r.stage, reason.key AS reason,
  reason.value::bigint AS items
FROM runs r, jsonb_each_text(coalesce(r.summary->'rejected_by_reason', '{}')) AS reason;

-- What was raised, at the moment when it was.
CREATE VIEW nocturne_views.alerts AS
SELECT raised_at AS "time", pipeline, batch, stage, version, severity, reason, message, detail, acknowledged_at
FROM alerts;
COMMIT;
