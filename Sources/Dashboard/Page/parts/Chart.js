import { h, onBeforeUnmount, onMounted, ref, watch } from "../vue.js"
import { Provenance } from "./Provenance.js"

let library = null
/** ECharts is large: it comes with the first chart, and Tonight does without. */
const echarts = () => (library ??= import("../charts/echarts.js").catch((error) => {
    library = null
    throw error
}))

/** What a chart shows, as a table: for ears, for copying, for whoever wants the number. */
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
 * Removes a drawing. On a slow machine ECharts 6 paints a heat map in pieces, frame by frame, and goes on after dispose(),
 * where it fails: so an empty painting takes the place of one that is under way.
 */
function remove(drawing) {
    const canvas = drawing.getZr()
    canvas.clear()
    canvas.refreshImmediately(true)
    drawing.dispose()
}

/**
 * A chart with its title, what it rests on, and the same figures as a table.
 * `chart`: {option, summary, table}, as the functions in charts/ make it; `onPick(event)` is told of a click on a mark.
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
                ? h("p", { class: "hint" }, "It could not be drawn; its figures are in the table.")
                : h("div", {
                    ref: place, class: ["canvas", `height-${props.height ?? "middle"}`], role: "img",
                    "aria-label": `${props.title}. ${props.chart.summary}`,
                }),
            props.nights ? h(Provenance, { nights: props.nights }) : null,
            alternative(props.chart.table, props.title),
        ])
    },
}
