// A quality figure over the nights: its mean, and faintly the range from the lowest to the highest recording.
import { count, counted } from "../words/numbers.js"
import { nightName } from "../words/times.js"
import { colours } from "./colours.js"
import { endingAt, frame, nights, values } from "./common.js"

/**
 * `rows`: {batch, mean, minimum, maximum, items}; `batches`: all nights, the oldest first (one without figures is a
 * gap); `most`: the largest possible value, if there is one.
 */
export function figureBand(rows, batches, text, most) {
    const { main, mainSoft } = colours()
    const byBatch = new Map(rows.map((row) => [row.batch, row]))
    const drawn = batches.map((batch) => byBatch.get(batch) ?? { batch, mean: null, minimum: null, maximum: null })
    const newest = drawn.findLast(({ mean }) => mean !== null)
    const band = {
        type: "line", stack: "band", symbol: "none", lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false },
    }
    return {
        option: {
            ...frame({
                lines: ([{ dataIndex }]) => {
                    const { batch, mean, minimum, maximum, items } = drawn[dataIndex]
                    if (mean === null) return [nightName(batch), "no figures"]
                    return [
                        nightName(batch), `mean ${text(mean)}`, `from ${text(minimum)} to ${text(maximum)}`,
                        counted(items, "recording", "recordings"),
                    ]
                },
            }),
            xAxis: nights(batches),
            yAxis: values(text, { scale: true, max: endingAt(most) }),
            series: [
                // `stackStrategy`: figures in decibels are below zero, and would otherwise be stacked apart.
                { ...band, data: drawn.map((row) => row.minimum), stackStrategy: "all" },
                {
                    ...band, data: drawn.map((row) => (row.mean === null ? null : row.maximum - row.minimum)),
                    stackStrategy: "all", areaStyle: { color: mainSoft, opacity: 0.45 },
                },
                {
                    type: "line", data: drawn.map((row) => row.mean), symbol: "circle", symbolSize: 6,
                    lineStyle: { width: 2, color: main }, itemStyle: { color: main }, z: 3,
                },
            ],
        },
        summary: newest
            ? `Mean ${text(newest.mean)} in the newest of ${counted(rows.length, "night", "nights")}.`
            : "Nothing measured.",
        table: {
            columns: ["Night", "Mean", "Lowest", "Highest", "Recordings"],
            rows: drawn.map(({ batch, mean, minimum, maximum, items }) => [
                nightName(batch), text(mean), text(minimum), text(maximum), count(items),
            ]),
        },
    }
}
