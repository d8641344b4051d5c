"""Roads, paths and travel times."""
from .roads import (
    TRAVEL_MODELS,
    CrowTravel,
    Drive,
    LruCache,
    Path,
    Road,
    RoadGraph,
    RoadTravel,
    Travel,
)

__all__ = ["CrowTravel", "Drive", "LruCache", "Path", "Road", "RoadGraph", "RoadTravel",
           "TRAVEL_MODELS", "Travel"]
