// Imported before all else: libraries look at this when they are loaded, and graphql-js looks twice at every value unless it is production.
process.env.NODE_ENV ??= "production";
