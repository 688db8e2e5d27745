"""An independent second writing of the release method: linked dataset, contract and key in, a released folder out."""
