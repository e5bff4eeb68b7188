import { h } from "../vue.js"

/** The beginning of a digest, which tells two apart; all of it on pointing. */
export function Digest({ hex }) {
    return hex ? h("code", { title: hex }, `${hex.slice(0, 12)}…`) : "–"
}
Digest.props = ["hex"]
