public import Fault
public import StageRun

extension Store {
    /// Checks that the database has everything that the stage would load now. Changes nothing.
    ///
    /// - Throws: 66, with what it lacks; what a run would throw if it could not find its versions or reach the database.
    public func requireStored(_ request: StageRequest, _ context: RunContext) throws(Fault) {
        var asking = request
        asking.dryRun = true
        let lacking = try plan(asking, context).lacking()
        guard lacking.isEmpty else { throw Fault(.missing, lacking.joined(separator: "; ")) }
    }
}
