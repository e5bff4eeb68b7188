import { h } from "../vue.js"
import { address } from "../state/address.js"
import { live } from "../state/live.js"
import { session, signOut } from "../state/session.js"
import { switchTheme, theme } from "../state/theme.js"
import { Link } from "./Link.js"

const connections = { open: ["good", "Live"], starting: ["none", "Connecting"], lost: ["bad", "Not live"] }

/** The name, the tabs, and the tools of every view. */
export function Header({ views, current }) {
    const tabs = Object.entries(views).filter(([, { tab }]) => tab)
    const [tone, word] = connections[live.connection]
    // The selected pipeline carries over from tab to tab; filters belong to the tab where they were set.
    const { pipeline } = address.query
    // On loopback without tokens every user is "local".
    const isSignedIn = session.me && session.me.name !== "local"
    return h("header", { class: "header" }, [
        h(Link, { to: {}, class: "name", "aria-label": "Nocturne, home" }, () => [
            h("img", { src: "favicon.svg", alt: "", width: 26, height: 26 }), "Nocturne",
        ]),
        h("nav", { "aria-label": "Pages" }, h("ul", { class: "tabs" }, tabs.map(([name, { tab }]) => {
            const isCurrent = name === current || (name === "results" && current === "item")
            const to = name === "tonight" ? {} : { view: name, pipeline }
            return h("li", { key: name }, h(Link, { to, "aria-current": isCurrent ? "page" : undefined }, () => tab))
        }))),
        h("div", { class: "tools" }, [
            h("span", { class: ["connection", `tone-${tone}`], title: "Whether the page updates live" }, word),
            h("button", {
                type: "button", class: "quiet", onClick: switchTheme,
                "aria-label": theme.value === "dark" ? "Light colours" : "Dark colours",
            }, theme.value === "dark" ? "☀" : "☾"),
            isSignedIn
                ? h("button", { type: "button", class: "quiet", onClick: signOut }, `Sign out ${session.me.name}`)
                : null,
        ]),
    ])
}
Header.props = ["views", "current"]
