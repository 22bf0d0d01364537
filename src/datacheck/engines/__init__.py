"""From a split's sources to its profile; every engine gives the same answer."""
