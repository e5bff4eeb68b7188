import { h } from "../vue.js"
import { alertName } from "../words/reasons.js"
import { moment, nightName } from "../words/times.js"
import { DataTable } from "./DataTable.js"
import { Link } from "./Link.js"
import { Status } from "./Status.js"

const tones = { critical: "bad", warning: "warn" }

const columns = [
    {
        key: "what", label: "Alert",
        cell: (row) => h(Status, { tone: tones[row.severity] ?? "none", word: alertName(row.reason) }),
    },
    { key: "severity", label: "Severity" },
    { key: "message", label: "Message", align: "long" },
    { key: "batch", label: "Night", cell: (row) => (row.batch
        ? h(
            Link, { to: { view: "runs", pipeline: row.pipeline, batch: row.batch } },
            () => nightName(row.batch, "short")
        ) : "–") },
    { key: "stage", label: "Stage", cell: (row) => row.stage ?? "–" },
    { key: "raised_at", label: "When", cell: (row) => moment(row.raised_at) },
]

/** Alerts in words. */
export function Alerts({ alerts }) {
    return h(DataTable, {
        caption: "Alerts, the newest first", hideCaption: true, columns, rows: alerts, rowKey: (row) => row.id,
    })
}
Alerts.props = ["alerts"]
