from .fields import (BooleanField, CharField, ChoiceField, DateTimeField, DurationField, Field,
                     ForeignKey, IntegerField, ListField, ValidationError)
from .query import DoesNotExist, MultipleObjects, Q, QuerySet
from .models import Database, IntegrityError, Manager, Model

__all__ = ["BooleanField", "CharField", "ChoiceField", "Database", "DateTimeField", "DoesNotExist",
           "DurationField", "Field", "ForeignKey", "IntegerField", "IntegrityError", "ListField",
           "Manager", "Model", "MultipleObjects", "Q", "QuerySet", "ValidationError"]
