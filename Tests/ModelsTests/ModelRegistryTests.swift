import Fault
import Foundation
import Models
import Testing

@Suite struct ModelRegistryTests {
    @Test func `a version is found, and an alias followed`() throws {
        let registry = try Registry()
        try registry.add("digits", "3")
        try registry.alias("digits", "production", to: "3")
        #expect(try ModelPackage("digits@3", in: registry.models).reference.description == "digits@3")
        let aliased = try ModelPackage("digits@production", in: registry.models)
        #expect(aliased.reference.description == "digits@3")
        #expect(aliased.folder.hasSuffix("/digits/3"))
        #expect(aliased.digest == (try ModelPackage("digits@3", in: registry.models)).digest)
    }

    @Test func `the models are listed`() throws {
        let registry = try Registry()
        try registry.add("digits", "3")
        try registry.add("tree", "1")
        try registry.alias("digits", "production", to: "3")
        #expect(try registry.models.models() == ["digits", "tree"])
        let entries = try registry.models.entries(of: "digits")
        #expect(entries.map(\.name) == ["3", "production"])
        #expect(entries.map(\.aliasOf) == [nil, "3"])
    }

    @Test(arguments: ["digits", "digits@", "@3", "a@b@c", "../x@1", "digits@../1", "digits@.hidden", "di gits@1", ""])
    func `an invalid name is refused`(text: String) throws {
        let fault = #expect(throws: Fault.self) { _ = try ModelReference(text) }
        #expect(fault?.kind == .configuration)
    }

    @Test func `an unknown model names the nearest`() throws {
        let registry = try Registry()
        try registry.add("digits", "3")
        let fault = #expect(throws: Fault.self) { _ = try ModelPackage("digit@3", in: registry.models) }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("did you mean 'digits'?") == true)
    }

    @Test func `an unknown version names those there are`() throws {
        let registry = try Registry()
        try registry.add("digits", "2")
        try registry.add("digits", "3")
        try registry.alias("digits", "production", to: "3")
        let fault = #expect(throws: Fault.self) { _ = try ModelPackage("digits@producton", in: registry.models) }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("did you mean 'production'?") == true)
        #expect(fault?.message.contains("2, 3, production -> 3") == true)
    }

    @Test func `an empty registry says so`() {
        let fault = #expect(throws: Fault.self) {
            _ = try ModelPackage("digits@3", in: ModelRegistry(folder: "/nowhere/models"))
        }
        #expect(fault?.kind == .configuration)
        #expect(fault?.message.contains("there are no models in '/nowhere/models'") == true)
    }

    @Test func `an alias that leads out of the registry is refused`() throws {
        let registry = try Registry()
        let elsewhere = try Registry()
        try registry.add("digits", "3")
        try registry.alias("digits", "stolen", to: try elsewhere.add("digits", "9"))
        let fault = #expect(throws: Fault.self) { _ = try ModelPackage("digits@stolen", in: registry.models) }
        #expect(fault?.kind == .configuration)
    }

    @Test func `a package in the wrong place is refused`() throws {
        let registry = try Registry()
        try registry.add("digits", "3")
        try registry.alias("digits", "dummy", to: "3")
        try #require(rename("\(registry.folder)/digits/3", "\(registry.folder)/digits/4") == 0)
        let fault = #expect(throws: Fault.self) { _ = try ModelPackage("digits@4", in: registry.models) }
        #expect(fault?.message.contains("says it is digits@3, but it is registered as digits@4") == true)
    }
}
