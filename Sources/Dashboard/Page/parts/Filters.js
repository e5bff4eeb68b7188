import { h, ref } from "../vue.js"
import { address, changed, go } from "../state/address.js"

const set = (changes) => go(changed(changes))

/** A form field whose value is in the address under `name`. */
function input(name, label, attributes = {}) {
    return h("label", { class: "field", key: name }, [label, h("input", {
        type: "text", value: address.query[name] ?? "", autocomplete: "off", ...attributes,
        onChange: (event) => { if (event.target.validity.valid) set({ [name]: event.target.value }) },
    })])
}

const words = { q: "text", min_score: "score from", max_score: "score to" }

/** The filters of the recordings; each one that is set can be removed. */
export const Filters = {
    props: ["chosen", "labels", "rows"],
    setup(props) {
        const field = ref(null)
        const valueOf = ref("")
        /** The fields that the recordings on this page have. */
        const fields = () => {
            const all = props.rows.flatMap((row) => Object.keys(row.fields ?? {}))
            return [...new Set(all)].filter((name) => name !== "device").sort()
        }
        const score = { type: "number", min: 0, max: 1, step: "any", inputmode: "decimal" }

        function add(event) {
            event.preventDefault()
            const name = field.value ?? fields()[0]
            if (name && valueOf.value) set({ [`field.${name}`]: valueOf.value })
            valueOf.value = ""
        }

        function chips() {
            const there = Object.entries(props.chosen).filter(([name, value]) => value && name !== "stage")
            if (!there.length) return null
            const all = Object.fromEntries(there.map(([name]) => [name, undefined]))
            const chip = (onClick, ...content) => h("button", { type: "button", class: "chip", onClick }, content)
            return h("ul", { class: "chips", "aria-label": "Filters that are set" }, [
                ...there.map(([name, value]) => h("li", { key: name }, chip(
                    () => set({ [name]: undefined }),
                    `${words[name] ?? name.replace(/^field\./, "")}: ${value}`,
                    h("span", { "aria-hidden": "true" }, " ×"), h("span", { class: "for-ears" }, ", take away"),
                ))),
                there.length > 1 ? h("li", { key: "all" }, chip(() => set(all), "Take all away")) : null,
            ])
        }

        const labels = () => [...new Set([...props.labels, props.chosen.label].filter(Boolean))]

        return () => [
            h("form", { class: "filters", "aria-label": "Filters", onSubmit: (event) => event.preventDefault() }, [
                h("label", { class: "field" }, ["Label", h("select", {
                    value: props.chosen.label ?? "", onChange: (event) => set({ label: event.target.value }),
                }, [
                    h("option", { value: "" }, "anything"),
                    ...labels().map((label) => h("option", { key: label, value: label }, label)),
                ])]),
                input("min_score", "Score from", score), input("max_score", "Score to", score),
                input("device", "Device"), input("model", "Model"),
                input("q", "Name or text contains", { type: "search" }),
            ]),
            fields().length ? h("form", { class: "filters", "aria-label": "Filter by another field", onSubmit: add }, [
                h("label", { class: "field" }, ["Other field", h("select", {
                    value: field.value ?? fields()[0], onChange: (event) => { field.value = event.target.value },
                }, fields().map((name) => h("option", { key: name, value: name }, name)))]),
                h("label", { class: "field" }, [
                    "is",
                    h("input", {
                        type: "text", autocomplete: "off", value: valueOf.value,
                        onInput: (event) => { valueOf.value = event.target.value },
                    }),
                ]),
                h("button", { type: "submit" }, "Add filter"),
            ]) : null,
            chips(),
        ]
    },
}
