// Nothing of its own: whoever builds this target has built the tools that the manifest names with it.
