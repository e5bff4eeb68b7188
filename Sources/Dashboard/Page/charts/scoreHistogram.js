// How sure the model was in one night, compared with the usual.
import { count, decimal, percent } from "../words/numbers.js"
import { colours } from "./colours.js"
import { frame, median, names, sum, values } from "./common.js"

/** `edges` of the bins; `night`: a row of /scores; `others`: the rows of the nights to compare with. */
export function scoreHistogram(edges, night, others) {
    const { main, ink } = colours()
    const shares = ({ counts }) => counts.map((items) => items / Math.max(1, sum(counts)))
    const shown = shares(night)
    const before = others.map(shares)
    const usual = shown.map((_, bin) => median(before.map((row) => row[bin])))
    const range = (bin) => `${decimal(edges[bin])} to ${decimal(edges[bin + 1])}`
    const sure = sum(night.counts.filter((_, bin) => edges[bin] >= 0.899)) / Math.max(1, sum(night.counts))
    return {
        option: {
            ...frame({
                legend: others.length ? ["This night", "Usual"] : undefined,
                lines: ([{ dataIndex }]) => [
                    `Score ${range(dataIndex)}`,
                    `${count(night.counts[dataIndex])} recordings, ${percent(shown[dataIndex])}`,
                    ...(others.length ? [`usual: ${percent(usual[dataIndex])}`] : []),
                ],
            }),
            xAxis: names(edges.slice(0, -1).map((edge) => decimal(edge)), { axisLabel: { interval: 3 } }),
            yAxis: values(percent),
            series: [
                {
                    name: "This night", type: "bar", barCategoryGap: "12%",
                    itemStyle: { color: main, borderRadius: [2, 2, 0, 0] }, data: shown,
                },
                ...(others.length ? [{
                    name: "Usual", type: "line", step: "middle", symbol: "none", lineStyle: { color: ink, width: 2 },
                    itemStyle: { color: ink }, data: usual,
                }] : []),
            ],
        },
        summary: `${percent(sure)} of the recordings have a score of 0.9 or more.`,
        table: {
            columns: ["Score", "Recordings", "Share", "Usual share"],
            rows: shown.map((share, bin) => [
                range(bin), count(night.counts[bin]), percent(share), percent(usual[bin]),
            ]),
        },
    }
}
