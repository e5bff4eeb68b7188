import { h } from "../vue.js"

// A shape for each tone, so that colour is never the only difference.
const shapes = {
    good: "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM4.6 8.2l2.4 2.4 4.4-4.8",
    warn: "M8 1.6 15.2 14.4H.8zM8 6v4M8 12.1v.3",
    bad: "M5 1h6l4 4v6l-4 4H5l-4-4V5zM5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8",
    busy: "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM8 4v4l2.8 1.8",
    none: "M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM5 8h6",
}

/** A tone's sign, next to words that say the same. */
export function Sign({ tone }) {
    return h(
        "svg", { class: ["sign", `tone-${tone}`], viewBox: "0 0 16 16", "aria-hidden": "true" },
        h("path", { d: shapes[tone] ?? shapes.none })
    )
}
Sign.props = ["tone"]

/** A sign with its word. */
export function Status({ tone, word }) {
    return h("span", { class: ["status", `tone-${tone}`] }, [h(Sign, { tone }), word])
}
Status.props = ["tone", "word"]
