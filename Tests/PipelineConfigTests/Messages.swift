import Fault
import PipelineConfig
import Testing

/// The message of the configuration fault thrown.
func messageOfFault(_ body: () throws -> some Any) -> String {
    let fault = #expect(throws: Fault.self) { _ = try body() }
    #expect(fault?.kind == .configuration)
    return fault?.message ?? ""
}

/// The message for a file that starts like the smallest pipeline (five lines) and continues with some text.
func message(about more: String = "", _ overrides: String...) -> String {
    messageOfFault {
        try PipelineConfig.parse(
            text: smallest + "\n" + more, fileName: "pipeline.toml", name: "digits", overrides: overrides)
    }
}
