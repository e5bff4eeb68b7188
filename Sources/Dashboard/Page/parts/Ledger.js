import { h } from "../vue.js"

const written = (value) => (value === null ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value))

const list = (entries) => h(
    "dl", { class: "pairs" },
    Object.entries(entries).map(([name, value]) => h("div", { key: name }, [h("dt", name), h("dd", written(value))]))
)

/**
 * The recording's ledger line: what each stage wrote about it. Without batch folders, what the database has.
 */
export function Ledger({ ledger, missing, fields }) {
    const steps = ledger ? Object.entries(ledger).filter(
        ([, value]) => value !== null && typeof value === "object"
    ) : []
    return h("section", { class: "panel", "aria-labelledby": "ledger" }, [
        h("h2", { id: "ledger" }, "Ledger"),
        missing ? h("p", { class: "hint" }, `Only its fields can be shown: ${missing}.`) : null,
        ledger ? h(
            "div", { class: "ledger" },
            steps.map(([name, entries]) => h("div", { key: name }, [h("h3", name), list(entries)]))
        )
            : fields ? list(fields) : null,
    ])
}
Ledger.props = ["ledger", "missing", "fields"]
