import Fault
import PipelineConfig
import Testing

/// The message of the configuration fault that something ends with.
func messageOfFault(_ body: () throws -> some Any) -> String {
    let fault = #expect(throws: Fault.self) { _ = try body() }
    #expect(fault?.kind == .configuration)
    return fault?.message ?? ""
}

/// The message about a file that begins like the smallest pipeline (five lines) and goes on with some text.
func message(about more: String = "", _ overrides: String...) -> String {
    messageOfFault {
        try PipelineConfig.parse(
            text: smallest + "\n" + more, fileName: "pipeline.toml", name: "digits", overrides: overrides)
    }
}
