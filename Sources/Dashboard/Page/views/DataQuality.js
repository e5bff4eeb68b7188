import { h } from "../vue.js"
import { batchesOf, sum } from "../charts/common.js"
import { figureBand } from "../charts/figureBand.js"
import { figureByValue } from "../charts/figureByValue.js"
import { nightSeries } from "../charts/nightSeries.js"
import { Chart } from "../parts/Chart.js"
import { Choice } from "../parts/Choice.js"
import { Empty, Loaded } from "../parts/Loaded.js"
import { Rejections } from "../parts/Rejections.js"
import { View } from "../parts/View.js"
import { address } from "../state/address.js"
import { useResource } from "../state/resource.js"
import { useScope } from "../state/scope.js"
import { count, decimal, percent } from "../words/numbers.js"
import { byImportance, figureName, reasonName } from "../words/reasons.js"

/** The most reasons that one chart shows separately; it merges the rest. */
const mostReasons = 7

function rejectedByReason(rows, ids) {
    const total = new Map()
    for (const { reason, items } of rows) total.set(reason, (total.get(reason) ?? 0) + items)
    const sorted = [...total].sort((a, b) => b[1] - a[1]).map(([reason]) => reason)
    const items = (batch, wanted) => sum(
        rows.filter((row) => row.batch === batch && wanted(row.reason)).map((row) => row.items)
    )
    const series = sorted.slice(0, mostReasons).map((reason) => ({
        name: reasonName(reason), data: ids.map((batch) => items(batch, (name) => name === reason)),
    }))
    const rest = sorted.slice(mostReasons)
    if (rest.length) series.push({
        name: "all others", data: ids.map((batch) => items(batch, (name) => rest.includes(name))),
    })
    return series
}

/** The API's name for the figure of a filled field: "filled.gain_db". */
const fillPrefix = "filled."
const fillHint = "Share of recordings that arrived without the field."

const texts = { share: percent, recordings: count }
/** The largest possible value of a unit, where there is one: a share is at most 1. */
const mostOf = (unit) => (unit === "share" ? 1 : undefined)
const written = (unit) => texts[unit] ?? ((value) => `${decimal(value)}${unit ? ` ${unit}` : ""}`)

/** The quality of the recordings: which were rejected and why, and how the others sound. */
export const DataQuality = {
    setup() {
        const scope = useScope()
        const by = () => address.query.by
        const rejections = useResource(() => scope.whereListed("/rejections"))
        const reasons = () => [...new Set((rejections.data?.batches ?? []).map((row) => row.reason))].sort()
        const ofNewest = (field) => scope.stored && scope.where(
            "/quality", { by: field, from: scope.stored, to: scope.stored }
        )
        const quality = useResource(() => (by() ? ofNewest(by()) : scope.whereListed("/quality")))
        // The view by night also shows how the devices differ in length.
        const byDevice = useResource(() => (by() ? null : ofNewest("device")))

        const refused = ({ batches }) => {
            const rows = scope.ofNights(batches)
            const ids = scope.axis(rows)
            const series = rejectedByReason(rows, ids)
            if (!series.length) return h(Empty, () => "Nothing was rejected in these nights.")
            return h(Chart, {
                title: "Rejected recordings by reason", chart: nightSeries(ids, series, count, { kind: "stack" }),
                nights: ids.map(scope.night),
            })
        }

        /** A figure of the newest night, split by a field's values. */
        function parted(name, rows, field) {
            const { name: title, unit } = figureName(name)
            const isFill = name.startsWith(fillPrefix)
            // A field of one recording is filled or not: there is no range to draw.
            const drawn = isFill ? rows.map((row) => ({ ...row, minimum: row.mean, maximum: row.mean })) : rows
            return h(Chart, {
                key: `${name}/${field}`, title: `${title} by ${field}`,
                chart: figureByValue(drawn, written(unit), mostOf(unit)), nights: batchesOf(rows).map(scope.night),
                hint: isFill ? fillHint : "Dot: mean. Line: range from the lowest to the highest recording.",
            })
        }

        function nightly(name, rows) {
            const { name: title, unit } = figureName(name)
            return h(Chart, {
                key: name, title, hint: "Mean, with the range from the lowest to the highest recording.",
                chart: figureBand(rows, scope.axis(rows), written(unit), mostOf(unit)),
                nights: batchesOf(rows).map(scope.night),
            })
        }

        function lengths({ batches }) {
            const rows = batches.filter((row) => row.figure === "seconds")
            return rows.length ? parted("seconds", rows, "device") : null
        }

        /** Filled fields by night, in one chart: how many recordings arrived without each field. */
        function fills(rows) {
            const ids = scope.axis(rows)
            const series = [...new Set(rows.map((row) => row.figure))].map((figure) => {
                const ofField = rows.filter((row) => row.figure === figure)
                const share = (batch) => ofField.find((row) => row.batch === batch)?.mean ?? null
                return { name: figure.slice(fillPrefix.length), data: ids.map(share) }
            })
            return h(Chart, {
                key: "fills", title: "Missing fields that were filled in", chart: nightSeries(ids, series, percent),
                hint: fillHint,
                nights: batchesOf(rows).map(scope.night),
            })
        }

        const measured = (data) => {
            const batches = scope.ofNights(data.batches)
            if (!batches.length) return h(Empty, () => "No quality figures for these nights.")
            const filled = by() ? [] : batches.filter((row) => row.figure.startsWith(fillPrefix))
            const rest = batches.filter((row) => !filled.includes(row))
            const figures = [...new Set(rest.map((row) => row.figure))].sort(byImportance)
            return h("div", { class: "charts" }, [
                filled.length ? fills(filled) : null,
                ...figures.map((name) => {
                    const rows = rest.filter((row) => row.figure === name)
                    return by() ? parted(name, rows, by()) : nightly(name, rows)
                }),
                h(Loaded, { resource: byDevice }, lengths),
            ])
        }

        return () => h(View, { title: "Data quality", scope }, {
            controls: () => h(Choice, {
                name: "by", label: "Figures",
                options: [["", "night by night"], ["device", "by device"], ["site", "by site"]],
            }),
            default: () => [
                h(Loaded, { resource: rejections }, refused),
                h(Loaded, { resource: quality, height: "tall" }, measured),
                h(Rejections, { scope, reasons: reasons() }),
            ],
        })
    },
}
