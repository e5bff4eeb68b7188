// Which pipeline and which nights a view is about: from the address, else the newest thirty nights of the first
// pipeline.
import { batchesOf } from "../charts/common.js"
import { computed } from "../vue.js"
import { address } from "./address.js"
import { api } from "./api.js"
import { pipelines } from "./pipelines.js"
import { useResource } from "./resource.js"
import { isDate, nightsBefore } from "../words/times.js"

const usualNights = 30
/** The most nights that are listed and drawn at a time. */
const mostNights = 400

const isStored = (night) => night.stages.some((row) => row.tool === "store" && (row.status === "sealed" || row.loaded))

/**
 * The nights between `from` and `to`, and the requests about them. Read its members again in each render.
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
        /** The newest night that there is or should be. A trial by another name ("trial") is newer than no day. */
        get newest() {
            const day = names().filter(isDate).sort().at(-1)
            return day ?? behind.data?.batches.find((row) => isDate(row.batch))?.batch ?? names()[0] ?? null
        },
        get from() {
            if (address.query.from) return address.query.from
            return isDate(scope.to) ? nightsBefore(scope.to, usualNights - 1) : null
        },
        get to() { return address.query.to ?? scope.newest },

        /** /batches of the selection. Its end is open unless it was chosen, so that trials are listed too. */
        listed: null,
        /** The nights, the newest first; of a choice that goes by days those alone that are one. */
        get nights() { return nights.value },
        /** What else was run: batches by other names. */
        get trials() { return trials.value },
        /** The rows of an answer that are about nights. */
        ofNights: (rows) => (goesByDays() ? rows.filter((row) => isDate(row.batch)) : rows),
        /** What a chart's axis bears: every night, the oldest first, those without results too. */
        axis: (rows) => (nights.value.length ? nights.value.map((night) => night.batch).reverse() : batchesOf(rows)),
        /** What /batches says of a night. */
        night: (batch) => byName.value.get(batch),
        /** The newest night here whose results are in the database. */
        get stored() { return scope.nights.find(isStored)?.batch ?? null },
        /** The first night that is listed, if there are older ones in the choice; else null. */
        get cutAt() { return scope.listed.data?.next ? scope.listed.data.batches.at(-1).batch : null },

        /** The address of an answer about the whole choice; null while it is not known. */
        where(path, parameters = {}) {
            if (!scope.row || (behind.isLoading && !behind.data)) return null
            return api(path, { pipeline: scope.pipeline, from: scope.from, to: scope.to, ...parameters })
        },
        /** The same about the nights that are listed: what is drawn. */
        whereListed: (path, parameters) => scope.where(path, { from: scope.cutAt ?? scope.from, ...parameters }),
    }
    const names = () => {
        const { expected_batch: expected, latest, shown } = scope.row ?? {}
        return [expected, latest?.batch, shown?.batch].filter(Boolean)
    }
    // Without a schedule the server takes the last name for the newest; the days, if there are any, stand behind it.
    const behind = useResource(() => (names().length && !names().some(isDate)
        ? api("/batches", { pipeline: scope.pipeline, to: "9999-12-31", limit: 20 })
        : null))
    const goesByDays = () => isDate(scope.from) && isDate(scope.to)
    const listed = () => scope.listed.data?.batches ?? []
    const nights = computed(() => scope.ofNights(listed()))
    const trials = computed(() => (goesByDays() ? listed().filter((row) => !isDate(row.batch)) : []))
    const byName = computed(() => new Map(nights.value.map((night) => [night.batch, night])))
    scope.listed = useResource(() => scope.where("/batches", { to: address.query.to, limit: mostNights }))
    return scope
}
