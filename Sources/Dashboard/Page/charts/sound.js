// A recording drawn: its waveform, and its spectrogram.
import { colours } from "./colours.js"

/** The largest distance from zero; 1 is full scale. */
export const loudest = ({ minimum, maximum }) => Math.max(0, ...maximum.map(Math.abs), ...minimum.map(Math.abs))

/** `data`: the lowest and highest sample of each span of time. */
export function drawWaveform(context, width, height, { minimum, maximum }) {
    const { main, line } = colours()
    const middle = height / 2
    // A quiet recording is drawn larger, so that there is something to see; the summary says how loud it is.
    const scale = Math.max(1e-6, loudest({ minimum, maximum }))
    const y = (value) => middle - (value / scale) * (middle - 2)
    context.clearRect(0, 0, width, height)
    context.fillStyle = line
    context.fillRect(0, middle, width, 1)
    context.fillStyle = main
    const step = width / maximum.length
    maximum.forEach((high, index) => {
        const top = y(high)
        context.fillRect(index * step, top, Math.max(step, 1), Math.max(1, y(minimum[index]) - top))
    })
}

const channels = (colour) => [1, 3, 5].map((start) => parseInt(colour.slice(start, start + 2), 16))

/** A colour of the ramp, which is light where there is little; `share` from 0 to 1. */
function tint(ramp, share) {
    const place = Math.min(Math.max(share, 0), 1) * (ramp.length - 1)
    const below = Math.min(Math.floor(place), ramp.length - 2)
    return ramp[below].map((channel, index) => channel + (ramp[below + 1][index] - channel) * (place - below))
}

/** `data.values`: for each frame the level of each band, the lowest frequency first. */
export function drawSpectrogram(context, width, height, { values }) {
    const ramp = colours().ramp.map(channels)
    const levels = values.flat().filter(Number.isFinite).sort((a, b) => a - b)
    // The middle 98 % set the range: a single click must not make everything else pale.
    const low = levels[Math.floor(levels.length * 0.01)] ?? 0
    const high = levels[Math.ceil(levels.length * 0.99) - 1] ?? 1
    const bands = values[0]?.length ?? 0
    if (!bands) return
    const image = new ImageData(values.length, bands)
    values.forEach((frame, x) => frame.forEach((level, band) => {
        const [red, green, blue] = tint(ramp, (level - low) / (high - low || 1))
        image.data.set([red, green, blue, 255], ((bands - 1 - band) * values.length + x) * 4)
    }))
    const small = new OffscreenCanvas(values.length, bands)
    small.getContext("2d").putImageData(image, 0, 0)
    context.clearRect(0, 0, width, height)
    context.imageSmoothingEnabled = false
    context.drawImage(small, 0, 0, width, height)
}
