// A quality figure over the nights: its mean, and faintly the range from the lowest to the highest recording.
import { nightName } from "../words/times.js"
import { colours } from "./colours.js"
import { frame, nights, values } from "./common.js"

/** `rows`: {batch, mean, minimum, maximum}, sorted by batch. */
export function figureBand(rows, text) {
    const { main, mainSoft } = colours()
    const band = {
        type: "line", stack: "band", symbol: "none", lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false },
    }
    return {
        option: {
            ...frame({
                lines: ([{ dataIndex }]) => {
                    const { batch, mean, minimum, maximum, items } = rows[dataIndex]
                    return [
                        nightName(batch), `mean ${text(mean)}`, `from ${text(minimum)} to ${text(maximum)}`,
                        `${items} recordings`,
                    ]
                },
            }),
            xAxis: nights(rows.map((row) => row.batch)),
            yAxis: values(text, { scale: true, max: ({ max }) => (max === 1 ? 1 : null) }),
            series: [
                // `stackStrategy`: figures in decibels are below zero, and would else be stacked apart.
                { ...band, data: rows.map((row) => row.minimum), stackStrategy: "all" },
                {
                    ...band, data: rows.map((row) => row.maximum - row.minimum), stackStrategy: "all",
                    areaStyle: { color: mainSoft, opacity: 0.45 },
                },
                {
                    type: "line", data: rows.map((row) => row.mean), symbol: "circle", symbolSize: 6,
                    lineStyle: { width: 2, color: main }, itemStyle: { color: main }, z: 3,
                },
            ],
        },
        summary: rows.length
            ? `Mean ${text(rows.at(-1).mean)} in the newest of ${rows.length} nights.`
            : "Nothing measured.",
        table: {
            columns: ["Night", "Mean", "Lowest", "Highest"],
            rows: rows.map(({ batch, mean, minimum, maximum }) => [
                nightName(batch), text(mean), text(minimum), text(maximum),
            ]),
        },
    }
}
