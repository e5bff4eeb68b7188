// Which pipeline and which nights a view is about: from the address, else the newest thirty nights of the first
// pipeline.
import { address } from "./address.js"
import { api } from "./api.js"
import { pipelines } from "./pipelines.js"
import { useResource } from "./resource.js"
import { isDate, nightsBefore } from "../words/times.js"

const usualNights = 30
/** The most nights that are shown at a time. */
const mostNights = 400

/**
 * The names of the nights between `from` and `to`, and how to ask for them. Its members are to be read anew in each
 * render.
 */
export function useScope() {
    const scope = {
        /** The pipeline's row of /pipelines, or null. */
        get row() {
            const rows = pipelines().data?.pipelines ?? []
            return address.query.pipeline ? rows.find(
                (row) => row.pipeline === address.query.pipeline
            ) ?? null : rows[0] ?? null
        },
        get pipeline() { return address.query.pipeline ?? scope.row?.pipeline ?? null },
        get newest() { return scope.row?.latest?.batch ?? scope.row?.shown?.batch ?? null },
        get from() {
            if (address.query.from) return address.query.from
            const last = address.query.to ?? scope.newest
            return last && isDate(last) ? nightsBefore(last, usualNights - 1) : null
        },
        get to() { return address.query.to ?? null },
        /** The address of an answer about this scope; null while it is not known. */
        where(path, parameters = {}) {
            if (!scope.row) return null
            return api(path, { pipeline: scope.pipeline, from: scope.from, to: scope.to, ...parameters })
        },
        nights: null,
        /** The newest night here whose results are in the database. */
        get stored() {
            return scope.nights.data?.batches.find((night) => night.stages.some(
                (row) => row.tool === "store" && row.status === "sealed"
            ))?.batch ?? null
        },
        /** What /batches says of a night. */
        night: (batch) => scope.nights.data?.batches.find((row) => row.batch === batch),
    }
    scope.nights = useResource(() => scope.where("/batches", { limit: mostNights }))
    return scope
}
