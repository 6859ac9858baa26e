from typing import Any

from flask import Blueprint, abort, jsonify, request


blueprint = Blueprint("cities", __name__, url_prefix="/cities")
_cities: dict[int, Any] = {}


@blueprint.get("/")
def list_cities():
    """Return all cities."""
    return jsonify(list(_cities.values()))


@blueprint.post("/")
def create_city():
    """Keep a new city."""
    city = request.get_json()
    _cities[max(_cities, default=0) + 1] = city
    return jsonify(city), 201


@blueprint.get("/<int:city_id>")
def read_city(city_id):
    """Return one city."""
    if city_id not in _cities:
        abort(404)
    return jsonify(_cities[city_id])


@blueprint.put("/<int:city_id>")
def update_city(city_id):
    """Replace one city."""
    if city_id not in _cities:
        abort(404)
    _cities[city_id] = request.get_json()
    return jsonify(_cities[city_id])


@blueprint.delete("/<int:city_id>")
def delete_city(city_id):
    """Remove one city."""
    if _cities.pop(city_id, None) is None:
        abort(404)
    return "", 204
