import { h } from "../vue.js"
import { address, changed, go } from "../state/address.js"

/**
 * A choice whose value is in the address under `name`. `options` are [value, word]; the first is the default.
 */
export function Choice({ name, label, options }) {
    return h("label", { class: "field" }, [label, h("select", {
        value: address.query[name] ?? options[0][0],
        onChange: (event) => go(
            changed({ [name]: event.target.value === options[0][0] ? undefined : event.target.value })
        ),
    }, options.map(([value, word]) => h("option", { key: value, value }, word)))])
}
Choice.props = ["name", "label", "options"]
