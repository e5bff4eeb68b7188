import { h, onBeforeUnmount, onMounted, ref, watch } from "../vue.js"
import { Provenance } from "./Provenance.js"

let library = null
/** ECharts is large: it is loaded with the first chart, and Tonight does not need it. */
const echarts = () => (library ??= import("../charts/echarts.js").catch((error) => {
    library = null
    throw error
}))

/** A chart's figures as a table: for screen readers, for copying, for exact numbers. */
function alternative({ columns, rows }, title) {
    return h("details", { class: "as-table" }, [
        h("summary", ["As a table", h("span", { class: "for-ears" }, `: ${title}`)]),
        h("div", {
            class: "scroll", tabindex: "0", role: "region", "aria-label": `${title}, as a table`,
        }, h("table", { class: "plain" }, [
            h("caption", { class: "for-ears" }, title),
            h("thead", h("tr", columns.map((name, index) => h("th", { key: index, scope: "col" }, name)))),
            h("tbody", rows.map((cells, index) => h("tr", { key: index },
                cells.map((cell, place) => h(
                    place ? "td" : "th", { key: place, scope: place ? undefined : "row" }, cell
                ))))),
        ])),
    ])
}

/**
 * Removes a drawing. On a slow machine ECharts 6 paints a heat map in pieces, frame by frame, and continues after
 * dispose(), where it fails: so an empty painting replaces one in progress.
 */
function remove(drawing) {
    const canvas = drawing.getZr()
    canvas.clear()
    canvas.refreshImmediately(true)
    drawing.dispose()
}

/**
 * A chart with its title, its sources, and the same figures as a table.
 * `chart`: {option, summary, table}, as the functions in charts/ make it; `onPick(event)` receives clicks on
 * a mark.
 */
export const Chart = {
    props: ["title", "hint", "chart", "nights", "height", "onPick"],
    setup(props) {
        const place = ref(null)
        let drawing = null
        let sizes = null
        let isGone = false
        const isBare = ref(false)
        function draw() { drawing?.setOption(props.chart.option, { notMerge: true }) }
        onMounted(async () => {
            let init
            try {
                ({ init } = await echarts())
            } catch {
                isBare.value = true
            }
            if (isGone || !init) return
            drawing = init(place.value)
            drawing.on("click", (event) => props.onPick?.(event))
            draw()
            sizes = new ResizeObserver(() => drawing.resize())
            sizes.observe(place.value)
        })
        watch(() => props.chart, draw)
        onBeforeUnmount(() => {
            isGone = true
            sizes?.disconnect()
            if (drawing) remove(drawing)
        })
        return () => h("figure", { class: "chart" }, [
            h("figcaption", [h("h2", props.title), props.hint ? h("p", { class: "hint" }, props.hint) : null]),
            isBare.value
                ? h("p", { class: "hint" }, "The chart could not be drawn; its figures are in the table.")
                : h("div", {
                    ref: place, class: ["canvas", `height-${props.height ?? "middle"}`], role: "img",
                    "aria-label": `${props.title}. ${props.chart.summary}`,
                }),
            props.nights ? h(Provenance, { nights: props.nights }) : null,
            alternative(props.chart.table, props.title),
        ])
    },
}
