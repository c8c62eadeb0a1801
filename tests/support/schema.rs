//! The part of JSON Schema that `assets/plan.schema.json` uses, checked strictly: an unknown field is an error, so that
//! the published schema cannot fall behind the product.

use serde_json::Value;

pub fn check(schema: &Value, value: &Value) -> Result<(), String> {
    Checker { root: schema }.check(schema, value, "$")
}

struct Checker<'s> {
    root: &'s Value,
}

impl Checker<'_> {
    fn check(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        if let Some(name) = schema["$ref"].as_str() {
            let definition = &self.root["$defs"][name.trim_start_matches("#/$defs/")];
            assert!(definition.is_object(), "{name} is not defined");
            return self.check(definition, value, at);
        }
        for word in ["oneOf", "anyOf"] {
            if let Some(options) = schema[word].as_array() {
                let answers: Vec<_> = options.iter().map(|o| self.check(o, value, at)).collect();
                let fit = answers.iter().filter(|a| a.is_ok()).count();
                if fit == 0 || (word == "oneOf" && fit > 1) {
                    let told: Vec<String> = answers.into_iter().filter_map(Result::err).collect();
                    return Err(format!("{at}: {fit} of {word} fit: {}", told.join(" | ")));
                }
                return Ok(());
            }
        }
        if let Some(constant) = schema.get("const")
            && constant != value
        {
            return Err(format!("{at}: {value} is not {constant}"));
        }
        if let Some(options) = schema["enum"].as_array()
            && !options.contains(value)
        {
            return Err(format!("{at}: {value} is none of {options:?}"));
        }
        match schema["type"].as_str() {
            Some("string") if !value.is_string() => Err(format!("{at}: {value} is no string")),
            Some("number") if !value.is_number() => Err(format!("{at}: {value} is no number")),
            Some("integer") if !value.is_u64() => Err(format!("{at}: {value} is no whole number")),
            Some("boolean") if !value.is_boolean() => Err(format!("{at}: {value} is no boolean")),
            Some("null") if !value.is_null() => Err(format!("{at}: {value} is not null")),
            Some("array") => {
                let items = value.as_array().ok_or_else(|| format!("{at}: {value} is no array"))?;
                items.iter().enumerate().try_for_each(|(i, v)| self.check(&schema["items"], v, &format!("{at}[{i}]")))
            }
            Some("object") => self.object(schema, value, at),
            _ => Ok(()),
        }
    }

    fn object(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let fields = value.as_object().ok_or_else(|| format!("{at}: {value} is no object"))?;
        for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(required) {
                return Err(format!("{at}: `{required}` is missing"));
            }
        }
        for (name, field) in fields {
            let at = format!("{at}.{name}");
            match (schema["properties"].get(name), &schema["additionalProperties"]) {
                (Some(property), _) => self.check(property, field, &at)?,
                (None, Value::Bool(true)) => {}
                (None, Value::Object(_)) => self.check(&schema["additionalProperties"], field, &at)?,
                (None, _) => return Err(format!("{at} is not in the schema")),
            }
        }
        Ok(())
    }
}
