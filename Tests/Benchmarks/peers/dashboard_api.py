"""The dashboard's busiest question as a team would write it in Python: FastAPI, asyncpg, orjson.

    DATABASE_URL=postgresql://… uvicorn dashboard_api:app
"""

import os
from contextlib import asynccontextmanager

import asyncpg
import orjson
from fastapi import FastAPI, Query, Request, Response

# Columns of JSON are passed through as text, and spliced into the answer: nothing is parsed to be written again.
COLUMNS = (
    "pipeline, batch, stage, version, item_id AS item, model, model_version, label, score, output::text, fields::text, "
    "recorded_at")


async def as_text(connection):
    """JSON columns come as text (the cast says so); times as datetimes, which orjson writes as RFC 3339."""
    await connection.execute("SET TIME ZONE 'UTC'")


@asynccontextmanager
async def lifespan(app: FastAPI):
    app.state.pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=4, max_size=8, init=as_text)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=lifespan)


@app.get("/api/v1/predictions")
async def predictions(
    request: Request, pipeline: str, first: str | None = Query(None, alias="from"), last: str | None = Query(None, alias="to"),
    min_score: float | None = None, label: str | None = None, limit: int = Query(100, ge=1, le=1000),
):
    words, values = ["pipeline = $1"], [pipeline]
    # One night is asked for as one: the primary key then has its rows in order.
    span = [("batch = ${}", first)] if first == last else [("batch >= ${}", first), ("batch <= ${}", last)]
    for condition, value in (*span, ("score >= ${}", min_score), ("label = ${}", label)):
        if value is not None:
            values.append(value)
            words.append(condition.format(len(values)))
    rows = await request.app.state.pool.fetch(
        f"SELECT {COLUMNS} FROM predictions WHERE {' AND '.join(words)} "
        f"ORDER BY batch DESC, stage, item_id LIMIT {limit}", *values)
    found = []
    for row in rows:
        one = dict(row)
        one["output"], one["fields"] = orjson.Fragment(one["output"]), orjson.Fragment(one["fields"])
        found.append(one)
    return Response(
        orjson.dumps({"predictions": found}, option=orjson.OPT_UTC_Z), media_type="application/json")
