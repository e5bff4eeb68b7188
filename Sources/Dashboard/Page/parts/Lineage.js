import { h } from "../vue.js"
import { bytes } from "../words/numbers.js"
import { moment } from "../words/times.js"
import { Digest } from "./Digest.js"

const step = (key, name, ...lines) => h("li", { key }, [
    h("strong", name), ...lines.filter(Boolean).map((line, index) => h("span", { key: index }, line)),
])

/**
 * From the raw object to the row: each version that the result rests on. `source`: what fetch wrote of the recording.
 */
export function Lineage({ steps, source }) {
    return h("section", { class: "panel", "aria-labelledby": "lineage" }, [
        h("h2", { id: "lineage" }, "Where it comes from"),
        h("ol", { class: "lineage" }, [
            source
                ? step("raw", "raw object", source.object, bytes(source.bytes), h(Digest, { hex: source.sha256 }))
                : null,
            ...steps.map(({ stage, version, model, started_at: started, fingerprint }) => (
                step(stage, `${stage} ${version}`, model, moment(started), h(Digest, { hex: fingerprint }))
            )),
        ]),
    ])
}
Lineage.props = ["steps", "source"]
