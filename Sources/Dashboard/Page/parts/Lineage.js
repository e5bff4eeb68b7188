import { h } from "../vue.js"
import { bytes } from "../words/numbers.js"
import { moment } from "../words/times.js"
import { Digest } from "./Digest.js"

const step = (key, name, ...lines) => h("li", { key }, [
    h("strong", name), ...lines.filter(Boolean).map((line, index) => h("span", { key: index }, line)),
])

/**
 * From the raw object to the row: each version that a result was made from. `source`: what fetch recorded;
 * `steps`: rows of an item's lineage, with `of`, what a step was made from, where that is known.
 */
export function Lineage({ steps, source }) {
    return h("ol", { class: "lineage" }, [
        source
            ? step("raw", "raw object", source.object, bytes(source.bytes), h(Digest, { hex: source.sha256 }))
            : null,
        ...steps.map(({ stage, version, of, model, started_at: started, fingerprint }) => step(
            stage, `${stage} ${version}`, of ? `from ${of}` : null, model, moment(started),
            h(Digest, { hex: fingerprint })
        )),
    ])
}
Lineage.props = ["steps", "source"]
