-- A role that can read the results and change nothing: for 'dashboard' and for Grafana. docs/tools/store.md and docs/grafana.md use it.
--
--   psql DATABASE -v ON_ERROR_STOP=1 -f pipelines/grafana/reader.sql
--
-- Run it as the owner of the tables, in the schema that they are in; then set the role's password with \password nocturne_reader,
-- and put it where libpq looks for it (~/.pgpass). You can run it again.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'nocturne_reader') THEN
    CREATE ROLE nocturne_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
  END IF;
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO nocturne_reader', current_database());
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO nocturne_reader', current_schema());
  IF to_regnamespace('nocturne_views') IS NOT NULL THEN
    GRANT USAGE ON SCHEMA nocturne_views TO nocturne_reader;
    GRANT SELECT ON ALL TABLES IN SCHEMA nocturne_views TO nocturne_reader;
  END IF;
END $$;
GRANT SELECT ON predictions, rejections, runs, receipts, alerts, pipelines, label_counts, quality_counts, schema_version
  TO nocturne_reader;
ALTER ROLE nocturne_reader SET default_transaction_read_only = on;
ALTER ROLE nocturne_reader SET statement_timeout = '30s';
