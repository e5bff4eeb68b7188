// Alerts on a line of time, a row for each kind.
import { alertName } from "../words/reasons.js"
import { day, exactMoment } from "../words/times.js"
import { colours } from "./colours.js"
import { frame, names } from "./common.js"

/** `alerts`: rows of /alerts; `first` and `last`: from when to when, in milliseconds since 1970. */
export function alertLine(alerts, first, last) {
    const { bad, warn, none, muted, line, ink } = colours()
    const kinds = [...new Set(alerts.map((alert) => alert.reason))]
    const tints = { critical: bad, warning: warn }
    const shapes = { critical: "diamond", warning: "triangle" }
    return {
        option: {
            ...frame({
                trigger: "item",
                lines: ({ data: { alert } }) => [
                    `${alertName(alert.reason)} (${alert.severity})`, exactMoment(alert.raised_at),
                    [alert.batch, alert.stage].filter(Boolean).join(", "),
                ],
            }),
            xAxis: {
                type: "time", min: Number.isFinite(first) ? first : undefined, max: last,
                axisLine: { lineStyle: { color: line } },
                axisLabel: { color: muted, hideOverlap: true, formatter: (time) => day(time) },
                splitLine: { show: true, lineStyle: { color: line } },
            },
            yAxis: names(kinds.map(alertName), { inverse: true, axisLabel: { color: ink } }),
            series: [{
                type: "scatter", symbolSize: 16,
                data: alerts.map((alert) => ({
                    alert, value: [Date.parse(alert.raised_at), kinds.indexOf(alert.reason)],
                    symbol: shapes[alert.severity] ?? "circle", itemStyle: { color: tints[alert.severity] ?? none },
                })),
            }],
        },
        summary: `${alerts.length} alerts.`,
        table: {
            columns: ["When", "Alert", "Severity", "Night", "Stage"],
            rows: alerts.map((alert) => [
                exactMoment(alert.raised_at), alertName(alert.reason), alert.severity, alert.batch ?? "",
                alert.stage ?? "",
            ]),
        },
    }
}
