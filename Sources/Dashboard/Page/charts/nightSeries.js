// Several series over the nights: as lines, or as stacked columns.
import { nightName } from "../words/times.js"
import { colours } from "./colours.js"
import { frame, nights, sum, values } from "./common.js"

const highest = (numbers) => Math.max(0, ...numbers.filter(Number.isFinite))

/**
 * `series`: [{name, data}] with a value (or null) for each of `batches`, which are sorted; `text` writes a value.
 * `kind`: "line" or "stack"; `limit`: {name, value}, drawn as a line across; `steps`: what the axis may count by.
 */
export function nightSeries(batches, series, text, { kind = "line", limit, log = false, steps } = {}) {
    const { series: palette, muted, surface, bad } = colours()
    const isStack = kind === "stack"
    const heights = batches.map((_, index) => (isStack ? sum : highest)(series.map(({ data }) => data[index])))
    const top = Math.max(0, limit?.value ?? 0, ...heights)
    const step = steps?.find((step) => top / step <= 5)
    const scale = step ? { interval: step, max: Math.ceil(top / step) * step } : limit ? { max: top * 1.05 } : {}
    const drawn = ({ name, data }, index) => ({
        name, data, type: isStack ? "bar" : "line", stack: isStack ? "all" : undefined, barMaxWidth: 26,
        symbol: "circle", symbolSize: 6, lineStyle: { width: 2 },
        itemStyle: { color: palette[index % palette.length], borderColor: surface, borderWidth: isStack ? 0.5 : 0 },
        markLine: limit && index === 0 ? {
            symbol: "none", silent: true, lineStyle: { color: bad, type: "dashed" }, data: [{ yAxis: limit.value }],
            label: { formatter: limit.name, position: "insideEndTop", color: muted },
        } : undefined,
    })
    function lines(rows) {
        const there = rows.filter(({ value }) => Number.isFinite(value) && (value > 0 || !isStack))
        const all = isStack && there.length > 1 ? [`all: ${text(sum(there.map(({ value }) => value)))}`] : []
        const named = there.map((row) => `${row.seriesName}: ${text(row.value)}`)
        return [nightName(batches[rows[0].dataIndex]), ...named, ...all]
    }
    const last = series.map(({ name, data }) => `${name} ${text(data.at(-1))}`).slice(0, 8).join(", ")
    return {
        option: {
            ...frame({ legend: series.map(({ name }) => name), lines }),
            xAxis: nights(batches),
            yAxis: values(text, log ? { type: "log" } : scale),
            series: series.map(drawn),
        },
        summary: `${batches.length} nights; in the last one ${last}.`,
        table: {
            columns: ["Night", ...series.map(({ name }) => name)],
            rows: batches.map((batch, index) => [nightName(batch), ...series.map(({ data }) => text(data[index]))]),
        },
    }
}
