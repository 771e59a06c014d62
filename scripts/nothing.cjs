// Stands in for a package that a bundle does without.
module.exports = {};
