import { h } from "../vue.js"
import { follow, link } from "../state/address.js"

/** A link to a state of this page. */
export function Link({ to }, { slots, attrs }) {
    return h("a", { ...attrs, href: link(to), onClick: (event) => follow(event, to) }, slots.default?.())
}
Link.props = ["to"]
Link.inheritAttrs = false
