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
import { figureName, reasonName } from "../words/reasons.js"

/** The most reasons told apart in one chart; the rest are one. */
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

/** How the API names the figure of a field that was filled in: "filled.gain_db". */
const fillPrefix = "filled."

const texts = { share: percent, recordings: count }
const written = (unit) => texts[unit] ?? ((value) => `${decimal(value)}${unit ? ` ${unit}` : ""}`)

/** What the recordings are like: which were refused and why, and how the rest sound. */
export const DataQuality = {
    setup() {
        const scope = useScope()
        const by = () => address.query.by
        const rejections = useResource(() => scope.where("/rejections"))
        const reasons = () => [...new Set((rejections.data?.batches ?? []).map((row) => row.reason))].sort()
        const quality = useResource(() => (by()
            ? scope.stored && scope.where("/quality", { by: by(), from: scope.stored, to: scope.stored })
            : scope.where("/quality")))

        const refused = ({ batches }) => {
            const nights = [...(scope.nights.data?.batches ?? [])].reverse()
            const ids = nights.length ? nights.map((night) => night.batch) : batchesOf(batches)
            const series = rejectedByReason(batches, ids)
            if (!series.length) return h(Empty, () => "Nothing was rejected in these nights.")
            return h(Chart, {
                title: "Rejected recordings by reason", chart: nightSeries(ids, series, count, { kind: "stack" }),
                hint: scope.nights.data?.next
                    ? `Of the newest ${count(ids.length)} nights. There are older ones: choose them above.`
                    : undefined,
                nights,
            })
        }

        function figure(name, rows) {
            const { name: title, unit } = figureName(name)
            const nights = batchesOf(rows).map(scope.night)
            if (by()) {
                return h(Chart, {
                    key: name, title: `${title} by ${by()}`, chart: figureByValue(rows, written(unit)), nights,
                    hint: "Dot: mean. Line: from the lowest to the highest recording.",
                })
            }
            const sorted = [...rows].sort((a, b) => (a.batch < b.batch ? -1 : 1))
            return h(Chart, {
                key: name, title, hint: "Mean, and from the lowest to the highest recording.",
                chart: figureBand(sorted, written(unit)), nights,
            })
        }

        /** Fills night by night, in one chart: of each field, how many recordings came without it. */
        function fills(rows) {
            const ids = batchesOf(rows)
            const series = [...new Set(rows.map((row) => row.figure))].map((figure) => {
                const ofField = rows.filter((row) => row.figure === figure)
                const share = (batch) => ofField.find((row) => row.batch === batch)?.mean ?? null
                return { name: figure.slice(fillPrefix.length), data: ids.map(share) }
            })
            return h(Chart, {
                key: "fills", title: "Missing fields that were filled in", chart: nightSeries(ids, series, percent),
                hint: "Share of the recordings that came without the field.", nights: ids.map(scope.night),
            })
        }

        const measured = ({ batches }) => {
            if (!batches.length) return h(Empty, () => "No quality figures of these nights.")
            const filled = by() ? [] : batches.filter((row) => row.figure.startsWith(fillPrefix))
            const rest = batches.filter((row) => !filled.includes(row))
            const figures = [...new Set(rest.map((row) => row.figure))]
            return h("div", { class: "charts" }, [
                filled.length ? fills(filled) : null,
                ...figures.map((name) => figure(name, rest.filter((row) => row.figure === name))),
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
