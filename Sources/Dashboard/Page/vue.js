// The one place that knows where Vue stands. Components are render functions: templates would need eval to compile.
export {
    computed, createApp, h, nextTick, onBeforeUnmount, onMounted, onScopeDispose, reactive, ref, shallowReactive,
    shallowRef, watch,
} from "./vendor/vue.esm-browser.prod.js"
