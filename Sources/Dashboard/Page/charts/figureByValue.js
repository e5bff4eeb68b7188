// A quality figure of one night, device by device: a dot for the mean on a line from the lowest to the highest
// recording.
import { count } from "../words/numbers.js"
import { colours } from "./colours.js"
import { endingAt, frame, names, values } from "./common.js"

/** `rows`: {value, mean, minimum, maximum, items}; `most`: the largest possible value, if there is one. */
export function figureByValue(rows, text, most) {
    const { main, mainSoft, ink } = colours()
    const drawn = [...rows].sort((a, b) => (a.value < b.value ? 1 : -1))
    const range = (_, api) => {
        const [x, y] = api.coord([api.value(1), api.value(0)])
        const [end] = api.coord([api.value(2), api.value(0)])
        return {
            type: "line", shape: { x1: x, y1: y, x2: end, y2: y },
            style: { stroke: mainSoft, lineWidth: 5, lineCap: "round" },
        }
    }
    return {
        option: {
            ...frame({
                lines: ([{ dataIndex }]) => {
                    const { value, mean, minimum, maximum, items } = drawn[dataIndex]
                    return [
                        value || "(none)", `mean ${text(mean)}`, `from ${text(minimum)} to ${text(maximum)}`,
                        `${count(items)} recordings`,
                    ]
                },
            }),
            xAxis: values(text, { scale: true, max: endingAt(most) }),
            yAxis: names(drawn.map(({ value }) => value || "(none)"), {
                axisLabel: { color: ink, width: 110, overflow: "truncate" },
            }),
            series: [
                {
                    type: "custom", renderItem: range, encode: { x: [1, 2], y: 0 },
                    data: drawn.map((row, index) => [index, row.minimum, row.maximum]), silent: true,
                },
                {
                    type: "scatter", symbolSize: 11, itemStyle: { color: main },
                    data: drawn.map((row, index) => [row.mean, index]), z: 3,
                },
            ],
        },
        summary: `${rows.length} values.`,
        table: {
            columns: ["", "Mean", "Lowest", "Highest", "Recordings"],
            rows: [...drawn].reverse().map((row) => [
                row.value || "(none)", text(row.mean), text(row.minimum), text(row.maximum), count(row.items),
            ]),
        },
    }
}
