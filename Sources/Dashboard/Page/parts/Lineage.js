import { h } from "../vue.js"
import { bytes } from "../words/numbers.js"
import { moment } from "../words/times.js"

const step = (key, name, ...lines) => h("li", { key }, [h("strong", name), ...lines.filter(Boolean).map((line, index) => h("span", { key: index }, line))])

/** From the raw object to the row: each version that the result rests on. `source`: what fetch wrote of the recording. */
export function Lineage({ steps, source }) {
    return h("section", { class: "panel", "aria-labelledby": "lineage" }, [
        h("h2", { id: "lineage" }, "Where it comes from"),
        h("ol", { class: "lineage" }, [
            source ? step("raw", "raw object", source.object, bytes(source.bytes), source.sha256 ? h("code", { title: source.sha256 }, `SHA-256 ${source.sha256.slice(0, 16)}…`) : null) : null,
            ...steps.map((row) => step(row.stage, `${row.stage} ${row.version}`, row.model, moment(row.started_at),
                row.fingerprint ? h("code", { title: row.fingerprint }, row.fingerprint.slice(0, 12)) : null)),
        ]),
    ])
}
Lineage.props = ["steps", "source"]
