import { h, onBeforeUnmount, onMounted, ref, watch } from "../vue.js"
import { theme } from "../state/theme.js"

/**
 * A canvas that `draw(context, width, height, data)` fills, again at each change of size, data or theme. `ends`: what
 * its left and right edges mean; `at`: the position of a vertical line, from 0 to 1, if there is one.
 */
export const Drawing = {
    props: ["title", "summary", "height", "data", "draw", "ends", "at"],
    setup(props) {
        const canvas = ref(null)
        let sizes = null
        function paint() {
            const place = canvas.value
            const { clientWidth: width, clientHeight: height } = place
            if (!width) return
            const scale = devicePixelRatio || 1
            place.width = width * scale
            place.height = height * scale
            const context = place.getContext("2d")
            context.scale(scale, scale)
            props.draw(context, width, height, props.data)
        }
        onMounted(() => {
            sizes = new ResizeObserver(paint)
            sizes.observe(canvas.value)
        })
        watch([() => props.data, theme], paint)
        onBeforeUnmount(() => sizes?.disconnect())
        return () => h("figure", { class: "drawing" }, [
            h("figcaption", [h("h3", props.title), h("p", { class: "hint" }, props.summary)]),
            h("div", { class: "place" }, [
                h("canvas", {
                    ref: canvas, class: ["canvas", `height-${props.height}`], role: "img",
                    "aria-label": `${props.title}: ${props.summary}`,
                }),
                Number.isFinite(props.at) ? h("div", { class: "at", style: { left: `${props.at * 100}%` } }) : null,
            ]),
            h("p", { class: "ends", "aria-hidden": "true" }, props.ends.map((end) => h("span", { key: end }, end))),
        ])
    },
}
