import { h } from "../vue.js"

/** The first digits of a digest; the whole of it as a tooltip. */
export function Digest({ hex }) {
    return hex ? h("code", { title: hex }, `${hex.slice(0, 12)}…`) : "–"
}
Digest.props = ["hex"]
