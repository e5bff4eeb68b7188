// Groups the tools a night needs: building this target builds them all.
