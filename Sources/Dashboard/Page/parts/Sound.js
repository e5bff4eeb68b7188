import { h } from "../vue.js"
import { api } from "../state/api.js"
import { useResource } from "../state/resource.js"
import { session } from "../state/session.js"
import { count, duration, percent } from "../words/numbers.js"
import { Drawing } from "./Drawing.js"
import { Loaded } from "./Loaded.js"
import { drawSpectrogram, drawWaveform, loudest } from "../charts/sound.js"

const points = 800

function whyNot() {
    if (session.me?.role !== "engineer") return "Playing a recording needs the role “engineer”."
    return "Recordings cannot be played: the server was started without the batch folders (--root)."
}

/** How a recording sounds and looks. */
export const Sound = {
    props: ["about", "isThere"],
    setup(props) {
        const recording = () => ({ pipeline: props.about.pipeline, batch: props.about.batch, id: props.about.id })
        const isShown = () => props.isThere && session.me?.root
        const waveform = useResource(() => (isShown() ? api("/item/waveform", { ...recording(), points }) : null))
        const spectrogram = useResource(() => (isShown() ? api("/item/spectrogram", recording()) : null))

        return () => h("section", { class: "panel", "aria-labelledby": "sound" }, [
            h("h2", { id: "sound" }, "Sound"),
            session.me?.audio && props.isThere
                ? h("div", [
                    // The sound is asked for when it is played: each listening is noted.
                    h("audio", {
                        controls: true, preload: "none", src: api("/item/audio", recording()),
                        "aria-label": "The recording",
                    }),
                    h("p", { class: "hint" }, "Each listening is written to the audit log."),
                ])
                : h("p", { class: "hint" }, props.isThere ? whyNot() : "A rejected recording has no cleaned sound."),
            isShown() ? [
                h(Loaded, { resource: waveform }, (data) => h(Drawing, {
                    title: "Waveform", height: "low", data, draw: drawWaveform,
                    summary: `${duration(data.seconds)}, ${count(data.sample_rate)} Hz; peak ${percent(loudest(data))}`,
                })),
                h(Loaded, { resource: spectrogram }, (data) => h(Drawing, {
                    title: "Spectrogram", height: "middle", data, draw: drawSpectrogram,
                    summary: `${duration(data.seconds)}, ${data.bands} bands of frequency; the low ones are below.`,
                })),
            ] : null,
        ])
    },
}
